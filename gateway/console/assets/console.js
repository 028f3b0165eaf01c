"use strict";
/* What pages do beyond links and forms; all of them work without it. */

/* Keys: "/" to the filter, "[" and "]" to the page before and the next. Not while somebody types. */
document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea"))
        return;
    const to = { "/": "form.filter input, form.filter select", "[": "a[rel=prev]", "]": "a[rel=next]" }[event.key];
    const element = to && document.querySelector(to);
    if (!element)
        return;
    event.preventDefault();
    if (element.matches("a")) element.click(); else element.focus();
});

/* Live parts: <section data-live="/ko/now/events">, whose content the gateway sends anew, escaped as on the page itself. */
for (const live of document.querySelectorAll("[data-live]")) {
    const said = document.querySelector("[data-live-state]");
    const tell = (name) => { if (said) said.textContent = said.dataset[name] || ""; };
    const source = new EventSource(live.dataset.live);
    source.addEventListener("page", (event) => {
        const next = document.createElement("template");
        next.innerHTML = event.data;
        live.replaceChildren(next.content);
        tell("on");
    });
    source.addEventListener("error", () => tell(source.readyState === EventSource.CLOSED ? "refused" : "off"));
    addEventListener("pagehide", () => source.close());
}
