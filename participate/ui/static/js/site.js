/* Participate: small comforts. Every page works without this file. */
(() => {
  "use strict";
  const all = (selector, root) => [...(root || document).querySelectorAll(selector)];
  const words = document.body.dataset;
  const live = document.getElementById("live");
  const DAY = 864e5, PREFIX = "draft:";
  const store = (act) => { try { return act(localStorage); } catch { return null; } };
  let hiding;
  const say = (text, shown) => {
    live.textContent = ""; live.classList.toggle("shown", !!shown); clearTimeout(hiding);
    setTimeout(() => { live.textContent = text; }, 60);
    if (shown) hiding = setTimeout(() => { live.classList.remove("shown"); }, 7000);
  };

  /* Drafts of long texts: 24 hours on this device, gone at sign-out and once sent. */
  const drafts = (keep) => store((s) => Object.keys(s).filter((k) => k.startsWith(PREFIX)).forEach((k) => {
    let d = null; try { d = JSON.parse(s.getItem(k)); } catch { /* unreadable: drop it */ }
    if (!keep || !d || Date.now() - d.at > DAY) s.removeItem(k);
  }));
  const keep = (field) => store((s) => {
    const key = PREFIX + field.dataset.draft;
    if (field.value.trim()) s.setItem(key, JSON.stringify({ at: Date.now(), text: field.value })); else s.removeItem(key);
  });
  const count = (field) => {
    const out = document.getElementById(field.id + "-count"), limit = +field.dataset.counter;
    if (!out) return;
    const n = [...field.value].length;
    out.textContent = n + " / " + limit; out.classList.toggle("over", n > limit);
  };

  const prepare = (root) => {
    all("[data-draft]", root).forEach((f) => {
      const d = store((s) => JSON.parse(s.getItem(PREFIX + f.dataset.draft)));
      if (d && !f.value && Date.now() - d.at < DAY) { f.value = d.text; say(words.restored, true); }
    });
    all("[data-counter]", root).forEach(count);
    const summary = root.querySelector("[data-summary]");
    if (summary) summary.focus();
    all("[data-print]", root).forEach((b) => { b.hidden = false; });
    all(".cycle", root).forEach((strip) => {
      const now = strip.querySelector(".now");
      if (now && strip.scrollWidth > strip.clientWidth) {
        const a = now.getBoundingClientRect(), b = strip.getBoundingClientRect();
        strip.scrollBy({ left: a.left + a.width / 2 - b.left - b.width / 2, behavior: "instant" });
      }
    });
    all(".desk-nav [aria-current]", root).forEach((a) => {
      const list = a.closest("ul"), box = a.getBoundingClientRect(), frame = list.getBoundingClientRect();
      list.scrollBy({ left: box.left + box.width / 2 - frame.left - frame.width / 2, behavior: "instant" });
    });
    if ("IntersectionObserver" in window) all(".position", root).concat(root.matches?.(".position") ? [root] : []).forEach((p) => {
      const dock = p.querySelector(".dock"), panel = p.querySelector(".three");
      if (dock && panel) new IntersectionObserver(([e]) => dock.classList.toggle("off", e.isIntersecting), { threshold: 0.4 }).observe(panel);
    });
  };

  document.addEventListener("input", ({ target: f }) => {
    if (f.dataset.draft) keep(f);
    if (f.dataset.counter) count(f);
    const form = f.form;
    if (form && "autosave" in form.dataset && window.htmx) { clearTimeout(form.waiting); form.waiting = setTimeout(() => htmx.trigger(form, form.dataset.autosave || "submit"), 1500); }
  });

  /* One press, one act: the second submit of the same form within four seconds is dropped. */
  document.addEventListener("submit", (e) => {
    const f = e.target;
    clearTimeout(f.waiting);
    if (f.method !== "post" || "autosave" in f.dataset) return;
    if (f.sent && Date.now() - f.sent < 4000) { e.preventDefault(); e.stopImmediatePropagation(); return; }
    f.sent = Date.now();
    if ("forget" in f.dataset) drafts(false);
    all("[data-draft]", f).forEach((t) => { try { sessionStorage.setItem("sent:" + t.dataset.draft, "1"); } catch { /* no storage, no draft */ } });
    if (!navigator.onLine) { e.preventDefault(); e.stopImmediatePropagation(); f.sent = 0; all("[data-draft]", f).forEach(keep); say(words.offline, true); }
  }, true);
  addEventListener("pageshow", () => all("form").forEach((f) => { f.sent = 0; }));
  document.addEventListener("click", (e) => {
    const t = e.target.closest?.("[data-forget], [data-print]");
    if (t && t.tagName !== "FORM") { if ("print" in t.dataset) print(); else drafts(false); }
  });

  /* Keys of the desk: j and k move, data-key presses. Never while typing. */
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("textarea, select, input:not([type=radio], [type=checkbox])")) return;
    const key = e.key.toLowerCase(), queue = document.querySelector("[data-queue]");
    if (queue && (key === "j" || key === "k")) {
      const rows = all("[data-row]", queue), at = rows.findIndex((r) => r.matches(".at")), from = at < 0 ? rows.findIndex((r) => r.matches(".current")) : at;
      const row = rows[Math.max(0, Math.min(rows.length - 1, from + (key === "j" ? 1 : -1)))];
      if (row) { rows.forEach((r) => r.classList.remove("at")); row.classList.add("at"); row.querySelector("[data-open]").focus(); row.scrollIntoView({ block: "nearest" }); }
      return e.preventDefault();
    }
    const t = /^[a-z0-9]$/.test(key) && document.querySelector('[data-key="' + key + '"]');
    const tick = queue && queue.querySelector(".row.at [name=pick]");
    if (!t && key === "x" && tick) { tick.checked = !tick.checked; return e.preventDefault(); }
    /* A key that acts on what is ticked acts on the row one stands on when nothing is. */
    if (t && "picks" in t.dataset && tick && !queue.querySelector("[name=pick]:checked")) tick.checked = true;
    if (t) { e.preventDefault(); t.focus(); t.click(); }
  });

  /* What the keyboard comes to is shown whole: browsers leave it as it is when a part of it is in sight. */
  let byKey = false;
  addEventListener("keydown", () => { byKey = true; }, true);
  addEventListener("pointerdown", () => { byKey = false; }, true);
  document.addEventListener("focusin", ({ target: t }) => {
    if (byKey && t.offsetHeight < innerHeight - 112) t.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  /* When what had the focus is replaced, its like gets it, or the first thing that came. (What has an id, htmx finds again.) */
  let had = null;
  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    const a = document.activeElement;
    had = a && a !== document.body && target.contains(a) ? { href: a.getAttribute("href") } : null;
  });
  const refocus = (came) => {
    if (!had || (document.activeElement && document.activeElement !== document.body)) return;
    const links = [came, ...all("a[href], button:enabled", came)].filter((one) => one.matches("a[href], button"));
    const next = links.find((one) => had.href && one.getAttribute("href") === had.href) || links[0] || came;
    if (next === came && !links.length) came.tabIndex = -1;
    had = null;
    next.focus({ preventScroll: true });
  };

  document.addEventListener("htmx:beforeRequest", (e) => e.target.setAttribute("aria-busy", "true"));
  document.addEventListener("htmx:afterRequest", (e) => {
    const f = e.target; f.removeAttribute("aria-busy"); f.sent = 0;
    if (e.detail.successful && f.matches("form")) all("[data-draft]", f).forEach((t) => store((s) => s.removeItem(PREFIX + t.dataset.draft)));
  });
  document.addEventListener("htmx:load", (e) => {
    if (e.target === document.body) return;
    prepare(e.target);
    refocus(e.target);
    const note = e.target.matches("[data-announce]") ? e.target : e.target.querySelector("[data-announce]");
    if (note) say(note.textContent.replace(/\s+/g, " ").trim());
  });
  document.addEventListener("htmx:sendError", () => say(words.offline, true));
  document.addEventListener("htmx:responseError", () => say(words.failed, true));
  /* A text that left with a form is forgotten, unless its page came back with the text in it (errors to mend). */
  try {
    Object.keys(sessionStorage).filter((k) => k.startsWith("sent:")).forEach((k) => {
      sessionStorage.removeItem(k);
      if (!all("[data-draft]").some((f) => "sent:" + f.dataset.draft === k && f.value)) localStorage.removeItem(PREFIX + k.slice(5));
    });
  } catch { /* storage refused */ }
  drafts(true); prepare(document);
  /* An address that ends in #main, as after the skip link, takes the focus from what is to be mended: give it back. */
  addEventListener("load", () => {
    const summary = document.querySelector("[data-summary]"), a = document.activeElement;
    if (summary && (!a || a === document.body || a.matches(":target"))) summary.focus();
  });
})();
