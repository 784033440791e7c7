// Shows embeds. Several with the same url are one with a gallery, as on Discord.

import { sentTime } from "./clock.js";
import { h, safeUrl } from "./dom.js";

export class Embeds {
  constructor(text, attachments) {
    this.text = text;
    this.attachments = attachments;
  }

  all(embeds) {
    return h("div", { class: "embeds" }, merged(embeds).map((one) => this.embed(one)));
  }

  embed(one) {
    const box = h(
      "article",
      { class: one.thumbnail ? "embed with-thumbnail" : "embed" },
      h(
        "div",
        { class: "embed-text" },
        one.author && this.author(one.author),
        one.title && h("div", { class: "embed-title" }, this.titled(one)),
        one.description && h("div", { class: "embed-description" }, this.text.blocks(one.description)),
        one.fields?.length > 0 && this.fields(one.fields),
      ),
      one.thumbnail && h("img", { class: "thumbnail", src: safeUrl(one.thumbnail.url), alt: "" }),
      one.images.length > 0 && h("div", { class: "embed-images" }, this.attachments.gallery(one.images)),
      (one.footer || one.timestamp) && this.footer(one),
    );
    if (one.color) box.style.setProperty("--bar", `#${one.color.toString(16).padStart(6, "0")}`);
    return box;
  }

  author({ name, url, icon_url: picture }) {
    return h("div", { class: "embed-author" }, picture && h("img", { src: safeUrl(picture), alt: "" }), linked(name, url));
  }

  titled({ title, url }) {
    const words = this.text.line(title);
    return url ? linked(words, url) : words;
  }

  fields(fields) {
    return h(
      "div",
      { class: "embed-fields" },
      fields.map((one) =>
        h("div", { class: one.inline ? "embed-field inline" : "embed-field" }, h("div", { class: "field-title" }, this.text.line(one.name)), h("div", {}, this.text.blocks(one.value))),
      ),
    );
  }

  footer({ footer, timestamp }) {
    const words = [footer?.text, footer?.text && timestamp && " • ", timestamp && sentTime(timestamp)];
    return h("footer", { class: "embed-footer" }, footer?.icon_url && h("img", { src: safeUrl(footer.icon_url), alt: "" }), words);
  }
}

function linked(words, url) {
  const safe = url && safeUrl(url);
  return safe ? h("a", { href: safe, target: "_blank", rel: "noopener noreferrer nofollow" }, words) : h("span", {}, words);
}

function merged(embeds) {
  const shown = [];
  for (const one of embeds) {
    const first = one.url && shown.find((other) => other.url === one.url);
    const images = one.image ? [{ description: "", content_type: "image/*", ...one.image }] : [];
    if (first && images.length) first.images.push(...images);
    else shown.push({ ...one, images });
  }
  return shown;
}
