"use strict";
/*
 * Checks a record's proof in the browser, step by step, each shown. The gateway is believed nothing: what it sends (entry, hashes,
 * checkpoint) has to fit together (RFC 9162, 2.1.3.2) and to be signed (C2SP signed-note) by the log's key, which the reader brings.
 */
(() => {
    const section = document.querySelector("[data-proof]");
    const button = section && section.querySelector("button");
    if (!button || !globalThis.crypto || !crypto.subtle)
        return;
    const korean = document.documentElement.lang === "ko";
    const say = (en, ko) => (korean ? ko : en);
    const list = section.querySelector("ol"), keyField = section.querySelector("input");
    const utf8 = new TextEncoder();

    const base64 = (text) => {
        if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text))
            throw new Error(say("not base64", "base64가 아님"));
        return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    };
    const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
    const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
    const join = (...parts) => {
        const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
        parts.reduce((at, p) => (all.set(p, at), at + p.length), 0);
        return all;
    };
    const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
    const ZERO = Uint8Array.of(0), ONE = Uint8Array.of(1);

    const step = (text, state, digest) => {
        const item = document.createElement("li");
        const said = document.createElement("span");
        said.textContent = text;
        said.className = state || "";
        item.append(said);
        if (digest) {
            const code = document.createElement("span");
            code.className = "digest";
            code.textContent = digest;
            item.append(code);
        }
        list.append(item);
    };
    const fail = (text) => { throw new Error(text); };

    /* The checkpoint of a note: the signed text, its three lines, the signature lines. */
    function readNote(note) {
        const end = note.lastIndexOf("\n\n");
        if (end < 0)
            fail(say("the checkpoint is no signed note", "체크포인트가 서명된 형식이 아님"));
        const body = note.slice(0, end + 1), lines = body.split("\n");
        if (!/^(0|[1-9][0-9]*)$/.test(lines[1] || ""))
            fail(say("the checkpoint has no size", "체크포인트에 크기가 없음"));
        const signatures = note.slice(end + 2).split("\n").filter((l) => l.startsWith("\u2014 "));
        return { body, origin: lines[0], size: BigInt(lines[1]), root: base64(lines[2] || ""), signatures };
    }

    /* RFC 9162, 2.1.3.2, telling each hash on the way. */
    async function rootOf(leaf, index, size, path) {
        if (index >= size)
            fail(say("the entry is not below the checkpoint", "기록이 체크포인트 아래에 있지 않음"));
        let fn = index, sn = size - 1n, r = leaf;
        for (const p of path) {
            if (sn === 0n)
                fail(say("the proof has too many hashes", "증명의 해시가 너무 많음"));
            if ((fn & 1n) === 1n || fn === sn) {
                r = await sha256(ONE, p, r);
                while ((fn & 1n) === 0n && fn !== 0n) { fn >>= 1n; sn >>= 1n; }
            } else {
                r = await sha256(ONE, r, p);
            }
            fn >>= 1n;
            sn >>= 1n;
        }
        if (sn !== 0n)
            fail(say("the proof has too few hashes", "증명의 해시가 모자람"));
        return r;
    }

    /* "name+id+base64(1 || key)"; the id is a digest of name and key. */
    async function readKey(text) {
        const first = text.indexOf("+"), second = text.indexOf("+", first + 1);
        const name = text.slice(0, first), id = text.slice(first + 1, second), raw = second < 0 ? ZERO : base64(text.slice(second + 1));
        const digest = await sha256(utf8.encode(name + "\n"), raw);
        if (first <= 0 || raw.length !== 33 || raw[0] !== 1 || hex(digest.slice(0, 4)) !== id)
            fail(say("this is no verifier key of a log", "기록의 검증 열쇠가 아님"));
        return { name, id: digest.slice(0, 4), key: raw.slice(1) };
    }

    async function checkSignature(note, text) {
        const log = await readKey(text);
        if (log.name !== note.origin)
            fail(say("the key is another log's: ", "다른 기록의 열쇠임: ") + log.name);
        const line = note.signatures.find((l) => {
            const [, name, value] = l.split(" ");
            return name === log.name && same(base64(value || "").slice(0, 4), log.id);
        });
        if (!line)
            fail(say("the checkpoint has no signature of this key", "체크포인트에 이 열쇠의 서명이 없음"));
        let key;
        try {
            key = await crypto.subtle.importKey("raw", log.key, { name: "Ed25519" }, false, ["verify"]);
        } catch {
            step(say("This browser has no Ed25519: check the signature with \"fedgatectl audit prove\" or another browser.",
                "이 브라우저는 Ed25519를 지원하지 않음: fedgatectl audit prove 또는 다른 브라우저로 서명을 확인"), "bad");
            return false;
        }
        if (!(await crypto.subtle.verify({ name: "Ed25519" }, key, base64(line.split(" ")[2]).slice(4), utf8.encode(note.body))))
            fail(say("the signature is wrong", "서명이 맞지 않음"));
        step(say("The log's key signed this checkpoint.", "기록의 열쇠가 이 체크포인트에 서명함"), "good", "Ed25519 " + line);
        return true;
    }

    async function check() {
        const answer = await fetch(section.dataset.proof, { credentials: "same-origin", cache: "no-store" });
        if (!answer.ok || answer.redirected)
            fail(say("the gateway did not send the proof: reload the page", "증명을 받지 못함: 화면을 다시 여십시오"));
        const file = await answer.json();
        if (BigInt(file.index) !== BigInt(section.dataset.index) || !same(utf8.encode(file.entry), base64(document.getElementById("entry").dataset.entry)))
            fail(say("what was sent is another text than the one on this page", "받은 글이 화면의 글과 다름"));
        step(say("The entry that was sent is the text on this page.", "받은 기록이 화면의 글과 같음"), "good");
        const leaf = await sha256(ZERO, utf8.encode(file.entry));
        step(say("Its hash, SHA-256 of a zero byte and the text:", "해시(0 바이트와 글의 SHA-256):"), "good", hex(leaf));
        const note = readNote(file.checkpoint);
        const root = await rootOf(leaf, BigInt(file.index), note.size, file.proof.map(base64));
        step(say(`${file.proof.length} hashes lead from it to a root:`, `해시 ${file.proof.length}개를 거친 뿌리:`), "good", hex(root));
        if (!same(root, note.root))
            fail(say("that is not the checkpoint's root", "체크포인트의 뿌리와 다름"));
        step(say(`That is the root of the checkpoint over ${note.size} entries of ${note.origin}.`,
            `${note.origin}의 기록 ${note.size}건에 대한 체크포인트의 뿌리와 같음`), "good");
        if (!keyField.value.trim()) {
            step(say("Give the log's verifier key to check the signature, too.", "서명까지 확인하려면 기록의 검증 열쇠를 입력"), "bad");
            return;
        }
        if (await checkSignature(note, keyField.value.trim())) {
            localStorage.setItem("log-key", keyField.value.trim());
            step(say("This record stands in the signed log.", "이 기록은 서명된 기록에 포함되어 있음"), "good");
        }
    }

    keyField.value = localStorage.getItem("log-key") || "";
    button.hidden = false;
    button.addEventListener("click", async () => {
        list.replaceChildren();
        button.disabled = true;
        try {
            await check();
        } catch (e) {
            step(say("It does not hold: ", "증명이 성립하지 않음: ") + e.message, "bad");
        }
        button.disabled = false;
    });
})();
