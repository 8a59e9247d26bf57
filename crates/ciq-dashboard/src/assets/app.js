// What a page can do more where there is a script: everything works without it.
//
// Theme: a button [data-theme-switch] goes through the system's, light and dark, and the browser
// remembers.
//
// Keys, ignored while something is typed, with Ctrl, Alt or Meta, and where the button
// [data-keys-switch] has switched them off, which the browser remembers:
//   ?        opens the sheet of shortcuts, dialog #shortcuts; so does a button [data-shortcuts]
//   /        goes to the search field of the page, or to the page that has one
//   g LETTER follows the link [data-go=LETTER] of the navigation
//   j, k     select the next and the previous item of a list; without one they are like others
//   Enter    follows the link [data-open] of the selected item
//   x        ticks and unticks the box that has the focus, else that of the selected item
//   others   press what has [data-key=KEY] in the selected item, else on the page outside of items
//
// A list is an element with [data-keys]. Its items have [data-item] and an id. The selected one has
// aria-current="true", which only this file sets: it is a state of the browser, and comes back when
// the page around it changes. Selecting an item moves the focus to its link [data-open], or to itself.
// After a form of an item was sent, the item that stands in its place is selected.
//
// Name: what is typed into [data-remember=NAME] is kept by the browser, and fills the hidden fields
// [data-remembered=NAME] of a form when it is sent.
//
// Live: an element with hx-sse:connect is kept up to date by htmx. [data-live] says whether it is,
// and a button [data-pause] holds what comes back; going on fetches what is newest.
"use strict";

(() => {
  const THEMES = ["system", "light", "dark"];
  const PLACE = "customeriq.place";

  // A browser may refuse to keep anything.
  const keep = (store, name, value) => { try { window[store].setItem(name, value); } catch { /* then not */ } };
  const kept = (store, name) => { try { return window[store].getItem(name); } catch { return null; } };

  // Theme -----------------------------------------------------------------------------------------

  let theme = kept("localStorage", "customeriq.theme");
  if (!THEMES.includes(theme)) theme = "system";

  function wear() {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.textContent = `Theme: ${theme}`;
      button.hidden = false;
    }
  }

  function changeTheme() {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    keep("localStorage", "customeriq.theme", theme);
    wear();
  }

  wear();

  // Lists -----------------------------------------------------------------------------------------

  // What is selected, and where it was last, for when it has gone.
  let chosen = "";
  let place = -1;

  const items = () => [...document.querySelectorAll("[data-keys] [data-item]")];
  const selected = () => document.querySelector("[data-item][aria-current=true]");

  function select(item) {
    for (const other of document.querySelectorAll("[data-item][aria-current]")) {
      if (other !== item) other.removeAttribute("aria-current");
    }
    if (!item) return;
    item.setAttribute("aria-current", "true");
    chosen = item.id;
    place = items().indexOf(item);
    const focused = item.querySelector("[data-open]") ?? item;
    if (focused === item && !item.hasAttribute("tabindex")) item.tabIndex = -1;
    if (!item.contains(document.activeElement)) focused.focus({ preventScroll: true });
  }

  // Not where a click selects: the button would move away from under it.
  function bring(item) {
    select(item);
    item.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = items();
    if (all.length === 0) return false;
    const at = all.indexOf(selected());
    // Where the selected item has gone, the next one stands in its place already.
    const next = at >= 0 ? at + by : place < 0 ? 0 : by > 0 ? place : place - 1;
    const item = all[Math.min(Math.max(next, 0), all.length - 1)];
    if (document.activeElement && document.activeElement !== document.body) document.activeElement.blur();
    bring(item);
    return true;
  }

  function tick() {
    const boxes = "input[type=checkbox]";
    const focused = document.activeElement?.matches(boxes) ? document.activeElement : null;
    const box = focused ?? selected()?.querySelector(boxes);
    box?.click();
    return Boolean(box);
  }

  // What the server sends knows of no selection.
  document.addEventListener("htmx:after:swap", () => {
    const item = chosen && document.getElementById(chosen);
    if (item && !selected()) item.setAttribute("aria-current", "true");
  });

  function comeBack() {
    const was = kept("sessionStorage", PLACE);
    if (was === null) return;
    try { window.sessionStorage.removeItem(PLACE); } catch { /* then not */ }
    const [path, index] = was.split("\n");
    const all = items();
    if (path === location.pathname && all.length > 0) {
      bring(all[Math.min(Number(index), all.length - 1)]);
    }
  }

  // Keys ------------------------------------------------------------------------------------------

  let isGoing = false;
  let isDeaf = kept("localStorage", "customeriq.keys") === "off";

  const isTyped = (target) =>
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
      (target.tagName === "INPUT" && !/^(button|checkbox|radio|reset|submit)$/.test(target.type)));

  function follow(letter) {
    const link = document.querySelector(`[data-go="${CSS.escape(letter)}"]`);
    if (link) location.assign(link.href);
    return Boolean(link);
  }

  function search() {
    const field = document.querySelector("main input[type=search]");
    if (!field) return follow("c");
    field.focus();
    field.select();
    return true;
  }

  function showShortcuts() {
    const sheet = document.getElementById("shortcuts");
    if (!sheet) return false;
    if (!sheet.open) sheet.showModal();
    return true;
  }

  function press(key) {
    const name = `[data-key="${CSS.escape(key)}"]`;
    const own = selected()?.querySelector(name);
    const found = own ?? [...document.querySelectorAll(name)].find((it) => !it.closest("[data-item]"));
    if (!found || found.disabled) return false;
    const around = found.closest("details:not([open])");
    if (around && !found.matches("summary")) around.open = true;
    if (found.matches("input:not([type=submit]), select, textarea")) found.focus();
    else found.click();
    return true;
  }

  function open() {
    const link = selected()?.querySelector("[data-open]");
    if (!link) return false;
    link.click();
    return true;
  }

  function heard(key, target) {
    if (isGoing) {
      isGoing = false;
      return follow(key);
    }
    switch (key) {
      case "?": return showShortcuts();
      case "/": return search();
      case "j": return step(1) || press(key);
      case "k": return step(-1) || press(key);
      case "x": return tick() || press(key);
      case "g":
        isGoing = true;
        setTimeout(() => { isGoing = false; }, 1500);
        return true;
      case "Enter": {
        // What has the focus knows itself what Enter means.
        const knows = target instanceof Element && target.closest("a, button, summary, input");
        return knows ? false : open();
      }
      default: return key.length === 1 && press(key);
    }
  }

  document.addEventListener("keydown", (event) => {
    if (isDeaf || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.isComposing || isTyped(event.target) || document.querySelector("dialog[open]")) return;
    if (heard(event.key, event.target)) event.preventDefault();
  });

  function sayKeys() {
    for (const button of document.querySelectorAll("[data-keys-switch]")) {
      button.textContent = `Single keys: ${isDeaf ? "off" : "on"}`;
    }
  }

  document.addEventListener("focusin", (event) => {
    const item = event.target instanceof Element && event.target.closest("[data-keys] [data-item]");
    if (item && item.getAttribute("aria-current") !== "true") select(item);
  });

  document.addEventListener("change", (event) => {
    const name = event.target instanceof HTMLInputElement && event.target.dataset.remember;
    if (name) keep("localStorage", `customeriq.${name}`, event.target.value.trim());
  });

  document.addEventListener("submit", (event) => {
    for (const field of event.target.querySelectorAll("[data-remembered]")) {
      field.value = kept("localStorage", `customeriq.${field.dataset.remembered}`) ?? "";
    }
    // A name that is typed is kept when the field is left; there is nothing to send.
    if (event.target.matches("[data-remember-form]")) event.preventDefault();
    const item = event.target.closest("[data-item]");
    if (item) keep("sessionStorage", PLACE, `${location.pathname}\n${items().indexOf(item)}`);
  });

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-theme-switch]")) changeTheme();
    if (target?.closest("[data-shortcuts]")) showShortcuts();
    if (target?.closest("[data-keys-switch]")) {
      isDeaf = !isDeaf;
      keep("localStorage", "customeriq.keys", isDeaf ? "off" : "on");
      sayKeys();
    }
    const pause = target?.closest("[data-pause]");
    if (pause) hold(pause);
  });

  // Live ------------------------------------------------------------------------------------------

  let isHeld = false;
  let connection = null;

  function say(state, words) {
    for (const place of document.querySelectorAll("[data-live]")) {
      if (place.dataset.state === state) continue;
      place.dataset.state = state;
      place.textContent = words;
    }
  }

  function hold(button) {
    isHeld = !isHeld;
    button.setAttribute("aria-pressed", String(isHeld));
    if (isHeld) say("held", "Paused");
    else {
      say("on", "Live");
      // What was held back is not kept: another connection brings what is newest.
      if (connection?.lastEventId === "") connection.reader?.cancel();
    }
  }

  document.addEventListener("htmx:sse:after:connection", (event) => {
    connection = event.detail.connection;
    if (!isHeld) say("on", "Live");
  });
  document.addEventListener("htmx:sse:before:message", (event) => {
    if (!isHeld) return;
    event.detail.connection.lastEventId = "";
    event.preventDefault();
  });
  document.addEventListener("htmx:sse:error", () => {
    if (!isHeld) say("off", "Connection lost, trying again");
  });
  document.addEventListener("htmx:sse:close", () => {
    if (!isHeld) say("off", "Not live");
  });

  // A connection that never came about is nobody's to renew but ours.
  const again = (event) => {
    const live = event.target instanceof Element && event.target.closest("#live");
    if (!live) return;
    say("off", "Not live, trying again");
    setTimeout(() => { if (live.isConnected) window.htmx.trigger(live, "retry"); }, 4000 + 4000 * Math.random());
  };
  document.addEventListener("htmx:response:error", again);
  document.addEventListener("htmx:error", again);

  // -----------------------------------------------------------------------------------------------

  document.addEventListener("DOMContentLoaded", () => {
    wear();
    const useful = "[data-shortcuts], [data-pause], [data-remember-form]";
    for (const hidden of document.querySelectorAll(useful)) hidden.hidden = false;
    sayKeys();
    for (const field of document.querySelectorAll("[data-remember]")) {
      field.value = kept("localStorage", `customeriq.${field.dataset.remember}`) ?? "";
    }
    comeBack();
  });
})();
