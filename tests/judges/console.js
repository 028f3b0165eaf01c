// console.js TASK FILE: Chromium, by Playwright, as a visitor of the auditors' console. FILE has what to look at, as JSON. Does one of the tasks below, and
// says in one line of JSON what it saw. What a page did that it must not do (`faults`) is gathered on every page of every task.
"use strict";
const fs = require("fs");
const path = require("path");
const { chromium } = require("playwright-core");

const job = JSON.parse(fs.readFileSync(process.argv[3], "utf8"));
const SIZES = { desk: { width: 1280, height: 800 }, tablet: { width: 820, height: 1180 } };
const LOOKS = [["desk", "light"], ["desk", "dark"], ["tablet", "light"], ["tablet", "dark"]];
const JUDGED = { desk: "light", tablet: "dark" }; // the look in which axe-core judges at this size
const EXPECTED = /^Failed to load resource: the server responded with a status of 4/; // the status is judged by itself
const HANGUL = /[\uac00-\ud7a3]/, LATIN = /[A-Za-z]{3}/;
const REASON = { en: "inspection of the demonstration", ko: "시연 점검" };

let browser;
const faults = new Set();

// A visitor with a unit's certificate. Whatever leaves for elsewhere, breaks the page's own rules, or is said on the console, is a fault.
async function visitor(role, options = {}) {
  const [certPath, keyPath] = job.units[role] || [];
  const { mayFail, ...more } = options;
  const context = await browser.newContext({
    ...(certPath ? { clientCertificates: [{ origin: job.address, certPath, keyPath }] } : {}), viewport: SIZES.desk, reducedMotion: "reduce", ...more,
  });
  context.on("request", (request) => {
    const to = request.url();
    if (!to.startsWith(job.address + "/") && !to.startsWith("data:")) faults.add("a request to " + to);
  });
  await context.addInitScript(() => addEventListener("securitypolicyviolation", (e) => console.error("policy violated: " + e.violatedDirective + " " + e.blockedURI)));
  const page = await context.newPage();
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && !mayFail && !EXPECTED.test(m.text()) && faults.add(page.url() + " says " + m.text()));
  page.on("pageerror", (e) => faults.add(page.url() + " fails: " + e.message));
  return page;
}

const address = (lang, to) => job.address + "/" + lang + "/" + to;

// Opens a page; where a reason is asked for, it is typed and sent with Enter, as a reader would, and the page comes.
async function open(page, lang, to) {
  let answer = await page.goto(address(lang, to));
  if (new URL(page.url()).pathname === "/" + lang + "/reason" && to !== "reason") {
    await page.keyboard.type(REASON[lang]);
    [answer] = await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  }
  return new URL(page.url()).pathname === "/" + lang + "/" + to.split("?")[0] ? answer.status() : "it ended at " + page.url();
}

// axe-core's issues that are serious or critical, each with the first place.
async function judged(page) {
  await page.evaluate(fs.readFileSync(path.join(path.dirname(require.resolve("axe-core")), "axe.min.js"), "utf8"));
  return page.evaluate(async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
    .filter((v) => ["serious", "critical"].includes(v.impact)).map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 160)} (${v.nodes.length})`));
}

// What the page says of itself: wider than the window, in the wrong language, without what every page has.
function looked() {
  const of = (selector) => Array.from(document.querySelectorAll(selector), (e) => e.textContent.trim()).filter(Boolean);
  const wide = Array.from(document.querySelectorAll("main *, header *")).filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width > 0 && box.right > innerWidth + 1 && !e.closest(".wide, pre, ol.source");
  });
  return {
    lang: document.documentElement.lang, titles: of("h1"), words: of("h1, h2, label, button, nav a, legend, summary, thead th, table.facts th"),
    wide: document.documentElement.scrollWidth > innerWidth ? (wide[0] || document.body).outerHTML.slice(0, 160) : "",
    ids: (ids => ids.filter((id, i) => ids.indexOf(id) !== i))(Array.from(document.querySelectorAll("[id]"), (e) => e.id)),
  };
}

function complain(seen, lang) {
  const bad = [];
  if (seen.lang !== lang) bad.push("its language is " + seen.lang);
  if (seen.titles.length !== 1) bad.push("it has " + seen.titles.length + " titles");
  if (seen.wide) bad.push("it is wider than the window: " + seen.wide);
  if (seen.ids.length) bad.push("ids are not unique: " + seen.ids);
  for (const word of seen.words)
    if (lang === "ko" ? LATIN.test(word) && !HANGUL.test(word) && !job.words.includes(word) : HANGUL.test(word))
      bad.push("not translated: " + word);
  return bad;
}

const tasks = {
  // Every page in a language, as on paper of glass: at two sizes, light and dark, in Korean each once. Screenshots are kept.
  async pages() {
    const result = { loads: 0, pictures: 0, judged: 0, bad: [] };
    const looks = job.lang === "ko" ? LOOKS.filter(([size, scheme]) => JUDGED[size] === scheme) : LOOKS; // colours know no language
    for (const role of Object.keys(job.pages)) {
      const page = await visitor(role, { locale: job.lang === "ko" ? "ko-KR" : "en-GB" });
      await open(page, job.lang, role === "operator" ? "" : "reason");
      for (const [name, to, status] of job.pages[role]) {
        const got = await open(page, job.lang, to);
        const complaints = new Set(got === (status || 200) ? [] : ["status " + got]);
        result.loads++;
        for (const [size, scheme] of looks) {
          await page.setViewportSize(SIZES[size]);
          await page.emulateMedia({ colorScheme: scheme });
          complain(await page.evaluate(looked), job.lang).forEach((c) => complaints.add(size + ": " + c));
          if (JUDGED[size] === scheme) {
            (await judged(page)).forEach((c) => complaints.add("axe-core: " + c));
            result.judged++;
          }
          await page.screenshot({ path: path.join(job.out, [job.lang, role, name, size, scheme].join("-") + ".png"), fullPage: true });
          result.pictures++;
        }
        result.bad.push(...Array.from(complaints, (c) => `${role} ${to}: ${c}`));
      }
      await page.context().close();
    }
    return result;
  },

  // A record's proof, checked by the page itself: the true one; then with one byte changed in the answer, in answer and page, in the signature.
  async proof() {
    const page = await visitor("auditor"), seen = {};
    await open(page, "en", "record/" + job.record);
    const check = async (name) => {
      await page.fill("#log-key", job.key);
      await page.click(".proof button");
      await page.waitForFunction(() => !document.querySelector(".proof button").disabled && document.querySelector(".proof li"));
      seen[name] = await page.$$eval(".proof li > span:first-child", (all) => all.map((e) => [e.className, e.textContent]));
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({ path: path.join(job.out, "proof-" + name + ".png"), fullPage: true });
    };
    await check("true");
    const sent = await page.evaluate(async () => (await fetch(document.querySelector("[data-proof]").dataset.proof)).json());
    const change = async (edit) => {
      const file = { ...sent };
      edit(file);
      await page.unrouteAll();
      await page.route("**/proof/*", (route) => route.fulfill({ json: file }));
    };
    await change((file) => { file.entry = file.entry.replace('"time_us":1', '"time_us":2'); });
    await check("entry");
    await page.$eval("#entry", (e) => { e.dataset.entry = btoa(atob(e.dataset.entry).replace('"time_us":1', '"time_us":2')); });
    await check("page");
    await page.reload();
    await change((file) => { file.checkpoint = file.checkpoint.replace(/(\n\n\u2014 \S+ \S{20})(.)/, (all, a, b) => a + (b === "A" ? "B" : "A")); });
    await check("signature");
    return { seen };
  },

  // An officer's act: its text is made and taken home as a file, and the signature that somebody makes of it is brought back.
  async act() {
    const page = await visitor("officer");
    await open(page, "en", "approvals/" + job.subject);
    await page.selectOption("#act-officer", job.officer);
    await page.fill("#act-reason", "the letter is in order");
    await page.click("button[value=approve]");
    await page.screenshot({ path: path.join(job.out, "act-text.png"), fullPage: true });
    const [file] = await Promise.all([page.waitForEvent("download"), page.click("form[action$='/acts/text'] button")]);
    await file.saveAs(job.text);
    await say("made");
    while (!fs.existsSync(job.text + ".ready")) await new Promise((resolve) => setTimeout(resolve, 50));
    await page.setInputFiles("input[name=signature]", job.text + ".minisig");
    await Promise.all([page.waitForNavigation(), page.click("form[action$='/acts'] button")]);
    await page.screenshot({ path: path.join(job.out, "act-done.png"), fullPage: true });
    return { said: await page.textContent("main"), judged: await judged(page) };
  },

  // Now: live, and lost once the visitor is ended; then nothing opens any more.
  async live() {
    const page = await visitor("auditor", { mayFail: true }), state = () => page.textContent("[data-live-state]");
    await page.goto(address("en", "now"));
    await page.waitForSelector("[data-live-state]");
    const number = () => page.$$eval("[data-live] .tiles dd", (all) => all.map((e) => e.textContent).join(" "));
    const before = await number(), on = await state();
    await say("open");
    await page.waitForFunction((was) => Array.from(document.querySelectorAll("[data-live] .tiles dd"), (e) => e.textContent).join(" ") !== was, before);
    await say("grown");
    await page.waitForFunction((was) => document.querySelector("[data-live-state]").textContent !== was, on);
    const off = await state();
    await page.screenshot({ path: path.join(job.out, "ended-while-open.png"), fullPage: true });
    const again = await page.goto(address("en", "records")).then((a) => a.status(), (e) => e.message);
    return { on, off, again, text: await page.textContent("body") };
  },

  // Who may not come in: without a certificate, with one of a unit that may not, with a revoked one. Chromium knows the root by its own store.
  async refused() {
    const said = {};
    for (const who of Object.keys(job.units)) {
      const page = await visitor(who, { mayFail: true });
      said[who] = await page.goto(address("en", "")).then(async (a) => a.status() + " " + await page.textContent("body"), (e) => e.message);
      await page.context().close();
    }
    const page = await visitor(null, { mayFail: true });
    said.nobody = await page.goto(address("en", "")).then((a) => a.status(), (e) => e.message);
    return { said };
  },

  // By keyboard alone: the skip link comes first, all is reached in the order in which it stands, each place is seen; filters take Enter; pages turn.
  async keyboard() {
    const page = await visitor("auditor"), result = {};
    await open(page, "en", "records");
    const at = () => page.evaluate(() => {
      const e = document.activeElement, style = getComputedStyle(e);
      return { place: Array.from(document.querySelectorAll("*")).indexOf(e), tag: e.tagName, href: e.getAttribute("href"), outline: parseFloat(style.outlineWidth) };
    });
    await page.keyboard.press("Tab");
    result.first = await at();
    await page.keyboard.press("Enter");
    result.skipped = (await at()).tag;
    await page.reload();
    result.places = [];
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press("Tab");
      result.places.push(await at());
    }
    await page.reload();
    await page.keyboard.press("/");
    result.filter = (await at()).tag;
    await page.focus("#party");
    await page.keyboard.type("daejeon-tax");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    result.filtered = page.url();
    await open(page, "en", "records");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("]")]);
    result.older = page.url();
    await Promise.all([page.waitForNavigation(), page.keyboard.press("[")]);
    result.newer = page.url();
    return result;
  },

  // On paper: the content without what is for the screen, dark on white whatever the screen is like.
  async print() {
    const page = await visitor("auditor", { colorScheme: "dark" }), seen = [];
    for (const to of job.printed) {
      await open(page, "ko", to);
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      seen.push(await page.evaluate((to) => {
        const shown = (selector) => Array.from(document.querySelectorAll(selector)).some((e) => e.getClientRects().length > 0);
        const ink = (e) => getComputedStyle(e).color.match(/\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0);
        return { to, screen: shown("nav, .skip, form, button"), content: shown("h1") && shown("table, .memorandum, ol.timeline"),
          pale: Array.from(document.querySelectorAll("main *")).filter((e) => e.textContent.trim() && e.getClientRects().length && ink(e) > 420).length };
      }, to));
      await page.screenshot({ path: path.join(job.out, "print-" + to.replace(/\W/g, "-") + ".png"), fullPage: true });
      await page.pdf({ path: path.join(job.out, "print-" + to.replace(/\W/g, "-") + ".pdf"), preferCSSPageSize: true });
      await page.emulateMedia({ media: "screen" });
    }
    return { seen };
  },
};

const say = (word) => new Promise((resolve) => process.stdout.write(word + "\n", resolve));

(async () => {
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"], env: { ...process.env, HOME: job.home } });
  try {
    await say(JSON.stringify({ ...await tasks[process.argv[2]](), faults: [...faults] }));
  } finally {
    await browser.close();
  }
})().catch((e) => { console.error(e); process.exit(1); });
