// Shows a picture large; the arrow keys show the others of its message.

import { fill, h, safeUrl } from "./dom.js";
import { icon } from "./icons.js";

export class Lightbox {
  constructor() {
    this.stage = h("div", { class: "lightbox-stage" });
    this.dialog = h("dialog", { class: "lightbox", "aria-label": "Picture", onclick: (event) => this.clicked(event), onkeydown: (event) => this.pressed(event) }, this.stage);
    document.body.append(this.dialog);
  }

  open(pictures, index) {
    this.pictures = pictures;
    this.show(index);
    this.dialog.showModal();
  }

  show(index) {
    this.index = (index + this.pictures.length) % this.pictures.length;
    const one = this.pictures[this.index];
    const url = safeUrl(one.url);
    fill(
      this.stage,
      h("img", { src: url, alt: one.description ?? "" }),
      h(
        "div",
        { class: "lightbox-foot" },
        h("span", {}, one.description ?? one.filename ?? ""),
        this.pictures.length > 1 && h("span", { class: "muted" }, `${this.index + 1} of ${this.pictures.length} · ← →`),
        h("a", { href: url, target: "_blank", rel: "noopener" }, icon("link"), "Open in browser"),
        h("button", { type: "button", class: "quiet", onclick: () => this.dialog.close() }, icon("close"), "Close"),
      ),
    );
  }

  clicked(event) {
    if (event.target === this.dialog || event.target === this.stage) this.dialog.close();
  }

  pressed(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step && this.pictures.length > 1) this.show(this.index + step);
  }
}
