// The sandbox's time, which may be ahead of the machine's, and relative times that update with it.

import { h } from "./dom.js";

const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

let ahead = 0;
let language = "en-GB";
let relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

/** Set the language in which times are written. */
export function speak(locale = "en-US") {
  language = locale === "en-US" ? "en-GB" : locale;  // for the 24-hour clock
  relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  tick();
}

/** Return the sandbox's time, in milliseconds since 1970. */
export function now() {
  return Date.now() + ahead;
}

/** Advance to a time that the sandbox sent. Its clock only moves forward, so earlier times are ignored. */
export function learn(time) {
  if (time - now() > 250) {
    ahead = time - Date.now();
    tick();
  }
}

/** Format a time as Discord does for `<t:…:style>`; `R` is relative. */
export function written(unix, style = "f") {
  const moment = new Date(unix * 1000);
  if (Number.isNaN(moment.getTime())) return "Invalid Date";
  return style === "R" ? since(unix) : new Intl.DateTimeFormat(language, STYLES[style] ?? STYLES.f).format(moment);
}

function since(unix) {
  const seconds = Math.round(unix - now() / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS.at(-1);
  return relative.format(Math.trunc(seconds / size), unit);
}

/** Format the time at which a message was sent. */
function sentAt(timestamp) {
  const moment = new Date(timestamp);
  const time = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const today = new Date(now());
  const yesterday = new Date(now() - 86_400_000);
  if (moment.toDateString() === today.toDateString()) return `Today at ${time}`;
  if (moment.toDateString() === yesterday.toDateString()) return `Yesterday at ${time}`;
  return `${moment.toLocaleDateString("en-GB")} ${time}`;
}

/** Make an element with the time at which a message was sent, which changes from "Today" to "Yesterday" by itself. */
export function sentTime(timestamp) {
  const title = new Date(timestamp).toLocaleString("en-GB");
  return h("time", { datetime: timestamp, title, data: { sent: timestamp } }, sentAt(timestamp));
}

function tick() {
  for (const one of document.querySelectorAll("time[data-sent]")) {
    const text = sentAt(one.dataset.sent);
    if (one.textContent !== text) one.textContent = text;
  }
  for (const one of document.querySelectorAll("time[data-relative]")) {
    const text = since(Number(one.dataset.relative));
    if (one.textContent !== text) one.textContent = text;
  }
}

/** Update relative times regularly. */
export function start() {
  setInterval(tick, 1000);
}
