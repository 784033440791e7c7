// The list above the composer: commands, options, choices, people. The focus stays in the field that the list is for.

import { fill, h } from "./dom.js";

const ID = "suggestions";

export class Listbox {
  constructor(root) {
    this.heading = h("div", { class: "suggestions-head" });
    this.list = h("div", { id: ID, role: "listbox", class: "suggestions-list", "aria-label": "Suggestions" });
    this.element = h("div", { class: "suggestions", hidden: true, onmousedown: (event) => event.preventDefault() }, this.heading, this.list);
    root.append(this.element);
    this.items = [];
    this.index = -1;
  }

  get open() {
    return !this.element.hidden;
  }

  get active() {
    return this.open ? this.items[this.index] : undefined;
  }

  /** Show items `{primary, secondary, aside, picture, pick}` for a field and highlight item `first` (-1: none). */
  show({ field, title, hint, error = "", items = [], note = "", first = 0 }) {
    this.detach();
    this.field = field;
    this.items = items;
    fill(this.heading, h("strong", {}, title), error ? h("span", { class: "field-error" }, error) : hint && h("span", {}, hint));
    this.rows = items.map((one, index) => this.row(one, index));
    fill(this.list, this.rows, note && h("div", { class: "note" }, note));
    this.element.hidden = false;
    field.setAttribute("aria-expanded", "true");
    field.setAttribute("aria-controls", ID);
    this.highlight(items.length ? Math.min(first, items.length - 1) : -1);
  }

  row(one, index) {
    return h(
      "div",
      { role: "option", id: `${ID}-${index}`, class: "suggestion", "aria-selected": "false", onclick: () => one.pick(), onmousemove: () => this.index !== index && this.highlight(index) },
      one.picture,
      h("span", { class: "primary" }, one.primary),
      one.secondary && h("span", { class: "secondary" }, one.secondary),
      one.aside && h("span", { class: "aside" }, one.aside),
    );
  }

  highlight(index) {
    this.rows[this.index]?.setAttribute("aria-selected", "false");
    this.index = index;
    const row = this.rows[index];
    row?.setAttribute("aria-selected", "true");
    row?.scrollIntoView({ block: "nearest" });
    if (row) this.field.setAttribute("aria-activedescendant", row.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  move(step) {
    if (!this.items.length) return false;
    const from = this.index < 0 && step < 0 ? 0 : this.index;
    this.highlight((from + step + this.items.length) % this.items.length);
    return true;
  }

  hide() {
    this.element.hidden = true;
    this.items = [];
    this.index = -1;
    this.detach();
  }

  detach() {
    for (const name of ["aria-activedescendant", "aria-controls"]) this.field?.removeAttribute(name);
    this.field?.setAttribute("aria-expanded", "false");
    this.index = -1;
  }
}
