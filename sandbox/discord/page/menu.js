// Context menus of messages and members, and the menu of commands for a picture.

import { fill, h } from "./dom.js";

export class Menu {
  constructor() {
    this.element = h("div", { class: "menu", role: "menu", hidden: true, onkeydown: (event) => this.onKey(event) });
    document.body.append(this.element);
    document.addEventListener("pointerdown", (event) => !this.element.contains(event.target) && this.close());
    addEventListener("resize", () => this.close());
  }

  /** Open at an event's position; entries are `{label, icon, danger, act, stays}`, `{title}`, `{node}` or null for a line. */
  open(event, entries) {
    event.preventDefault();
    event.stopPropagation();
    this.from = document.activeElement;
    fill(this.element, entries.map((one) => this.entry(one)));
    this.element.hidden = false;
    this.place(event);
    this.buttons[0]?.focus();
  }

  /** Show other entries in the open menu, and keep the focus where it is. */
  show(entries) {
    const focused = this.buttons.indexOf(document.activeElement);
    fill(this.element, entries.map((one) => this.entry(one)));
    this.buttons[Math.max(0, focused)]?.focus();
  }

  get buttons() {
    return [...this.element.querySelectorAll("button")];
  }

  entry(one) {
    if (!one) return h("hr", {});
    if (one.node) return one.node;
    if (one.title) return h("div", { class: "menu-title" }, one.title);
    const act = () => {
      if (!one.stays) this.close();
      one.act();
    };
    return h("button", { type: "button", role: "menuitem", class: one.danger ? "danger" : "", onclick: act }, h("span", { class: "grow" }, one.label), one.picture);
  }

  place(event) {
    const from = event.currentTarget?.getBoundingClientRect?.();
    const pointer = event.clientX || event.clientY;
    const { width, height } = this.element.getBoundingClientRect();
    const left = Math.min(pointer ? event.clientX : from.left, innerWidth - width - 8);
    const top = Math.min(pointer ? event.clientY : from.bottom, innerHeight - height - 8);
    Object.assign(this.element.style, { left: `${Math.max(8, left)}px`, top: `${Math.max(8, top)}px` });
  }

  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const { buttons } = this;
    if (step) {
      event.preventDefault();
      buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length]?.focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      this.close();
      this.from?.focus?.();
    }
  }

  close() {
    this.element.hidden = true;
  }
}
