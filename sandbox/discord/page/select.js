// A select of strings, people, roles or channels: a button that opens a list, with a search box if it is long.

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { avatarOf, capital, CATEGORY, DM } from "./store.js";

const STRING = 3, USER = 5, ROLE = 6, MENTIONABLE = 7, CHANNEL = 8;
const WORDS = { [USER]: "Select a person", [ROLE]: "Select a role", [MENTIONABLE]: "Select people and roles", [CHANNEL]: "Select a channel" };
const SEARCH_FROM = 9;

export class Select {
  /** `chosen` is called with the values if they have changed when the list closes. */
  constructor(store, component, { chosen }) {
    this.store = store;
    this.component = component;
    this.tellChosen = chosen;
    this.options = optionsOf(component, store);
    this.least = component.min_values ?? 1;
    this.most = component.max_values ?? 1;
    this.values = this.options.filter((one) => one.default).map((one) => one.value);
    this.build();
  }

  build() {
    const label = this.component.placeholder ?? WORDS[this.component.type] ?? "Make a selection";
    this.label = label;
    this.face = h("button", { type: "button", class: "select-face", disabled: Boolean(this.component.disabled), "aria-haspopup": "listbox", "aria-expanded": "false", "aria-label": label, data: { customId: this.component.custom_id }, onclick: () => this.toggle(), onkeydown: (event) => this.onFaceKey(event) });
    this.list = h("div", { class: "select-list", role: "listbox", tabindex: "-1", "aria-label": label, "aria-multiselectable": this.most > 1 ? "true" : null, hidden: true, onkeydown: (event) => this.onListKey(event) });
    this.element = h("div", { class: "select" }, this.face, this.list);
    this.element.addEventListener("focusout", (event) => {
      if (!this.drawing && !this.element.contains(event.relatedTarget)) this.close();
    });
    this.showFace();
  }

  showFace() {
    const chosen = this.options.filter((one) => this.values.includes(one.value));
    fill(this.face, chosen.length ? chosen.map((one) => h("span", { class: "chosen" }, one.picture, one.label)) : h("span", { class: "muted" }, this.label), icon("chevron"));
  }

  toggle() {
    if (this.list.hidden) this.open();
    else this.close();
  }

  open() {
    this.before = [...this.values];
    this.query = "";
    const search = this.options.length >= SEARCH_FROM && h("input", { class: "select-search", placeholder: "Search", "aria-label": "Search", oninput: (event) => { this.query = event.target.value.toLowerCase(); this.showOptions(); } });
    this.rows = h("div", {});
    fill(this.list, search, this.rows);
    this.showOptions();
    this.list.hidden = false;
    this.face.setAttribute("aria-expanded", "true");
    (search || this.rows.querySelector("[role=option]"))?.focus();
  }

  showOptions() {
    const found = this.options.filter((one) => one.label.toLowerCase().includes(this.query));
    fill(this.rows, found.length ? found.map((one) => this.row(one)) : h("div", { class: "muted nothing" }, "Nothing found"));
  }

  row(one) {
    const chosen = this.values.includes(one.value);
    return h(
      "button",
      { type: "button", role: "option", class: "select-option", "aria-selected": String(chosen), data: { value: one.value }, onclick: () => this.pick(one.value) },
      one.picture,
      h("span", { class: "grow" }, h("span", {}, one.label), one.description && h("small", {}, one.description)),
      this.most > 1 && h("span", { class: "tick" }, chosen && icon("check")),
    );
  }

  pick(value) {
    if (this.most === 1) {
      this.values = [value];
      this.close();
      this.face.focus();
      return;
    }
    const chosen = this.values.includes(value);
    if (!chosen && this.values.length >= this.most) return;
    this.values = chosen ? this.values.filter((one) => one !== value) : [...this.values, value];
    this.drawing = true;  // the focused element is replaced
    this.showOptions();
    this.drawing = false;
    this.rows.querySelector(`[data-value="${CSS.escape(value)}"]`)?.focus();
  }

  close() {
    if (this.list.hidden) return;
    this.list.hidden = true;
    this.face.setAttribute("aria-expanded", "false");
    const enough = this.values.length >= this.least && this.values.length <= this.most;
    if (!enough) this.values = this.before;
    this.showFace();
    if (enough && JSON.stringify(this.values) !== JSON.stringify(this.before)) this.tellChosen(this.values);
  }

  onFaceKey(event) {
    if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    this.open();
  }

  onListKey(event) {
    const rows = [...this.rows.querySelectorAll("[role=option]")];
    const at = rows.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      rows[(at + step + rows.length) % rows.length]?.focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      this.close();
      this.face.focus();
    }
  }
}

function optionsOf(component, store) {
  if (component.type === STRING) return component.options.map((one) => ({ ...one, picture: one.emoji && h("span", { class: "emoji" }, one.emoji.name) }));
  const chosen = new Set((component.default_values ?? []).map((one) => one.id));
  const people = () => store.guild.members.map((one) => entity(one.id, one.bot ? store.botName : capital(one.name), h("img", { class: "avatar tiny", src: avatarOf(one.id), alt: "" })));
  const roles = () => store.guild.roles.map((one) => entity(one.id, `@${one.name.replace(/^@/, "")}`, dot(one.color)));
  const channels = () => store.world.channels.filter((one) => one.type !== DM && (!component.channel_types?.length || component.channel_types.includes(one.type))).map((one) => entity(one.id, one.type === CATEGORY ? one.name : `#${one.name}`, null));
  const found = { [USER]: people, [ROLE]: roles, [CHANNEL]: channels, [MENTIONABLE]: () => [...people(), ...roles()] }[component.type]();
  return found.map((one) => ({ ...one, default: chosen.has(one.value) }));
}

function entity(value, label, picture) {
  return { value, label, picture };
}

export function dot(colour) {
  const shown = h("span", { class: "role-dot" });
  if (colour) shown.style.setProperty("--role", `#${colour.toString(16).padStart(6, "0")}`);
  return shown;
}
