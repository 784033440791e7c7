// Shows a message's components: buttons, selects, and the containers, texts and galleries of Components V2.

import { card, unveiling } from "./attachments.js";
import { h, safeUrl } from "./dom.js";
import { icon } from "./icons.js";
import { Select } from "./select.js";

export const ROW = 1, BUTTON = 2, STRING_SELECT = 3, TEXT_INPUT = 4, USER_SELECT = 5, ROLE_SELECT = 6, MENTIONABLE_SELECT = 7, CHANNEL_SELECT = 8;
const SECTION = 9, TEXT = 10, THUMBNAIL = 11, GALLERY = 12, FILE = 13, SEPARATOR = 14, CONTAINER = 17;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium" };
const LINK = 5, PREMIUM = 6;

export class Components {
  constructor(store, text, attachments, actions) {
    this.store = store;
    this.text = text;
    this.attachments = attachments;
    this.actions = actions;
  }

  all(components, message) {
    return h("div", { class: "components" }, components.map((one) => this.one(one, message)));
  }

  one(one, message) {
    switch (one.type) {
      case ROW:
        return h("div", { class: "row" }, one.components.map((each) => this.one(each, message)));
      case BUTTON:
        return this.button(one, message);
      case STRING_SELECT:
      case USER_SELECT:
      case ROLE_SELECT:
      case MENTIONABLE_SELECT:
      case CHANNEL_SELECT:
        return this.select(one, message);
      default:
        return this.layout(one, message);
    }
  }

  layout(one, message) {
    switch (one.type) {
      case SECTION:
        return h("div", { class: "section" }, h("div", {}, one.components.map((each) => this.one(each, message))), one.accessory && this.one(one.accessory, message));
      case TEXT:
        return this.text.content(one.content);
      case THUMBNAIL:
        return this.attachments.thumbnail(asPicture(one));
      case GALLERY:
        return this.attachments.gallery(one.items.map(asPicture));
      case FILE:
        return card({ url: one.file.url, filename: one.name, size: one.size, spoiler: one.spoiler });
      case SEPARATOR:
        return h("hr", { class: `separator space-${one.spacing ?? 1}${one.divider === false ? " unseen" : ""}` });
      case CONTAINER:
        return this.container(one, message);
      default:
        return h("div", { class: "muted" }, `(component of type ${one.type})`);
    }
  }

  container(one, message) {
    const box = h("div", { class: "container" }, one.components.map((each) => this.one(each, message)));
    if (one.accent_color) box.style.setProperty("--bar", `#${one.accent_color.toString(16).padStart(6, "0")}`);
    return unveiling(box, one.spoiler);
  }

  button(one, message) {
    const style = STYLES[one.style] ?? "secondary";
    const words = [one.emoji && h("span", { class: "emoji" }, one.emoji.name), one.label && h("span", {}, one.label)];
    if (one.style === LINK) {
      const href = one.disabled ? null : safeUrl(one.url);
      return h("a", { class: "button link", href, target: "_blank", rel: "noopener noreferrer", "aria-disabled": one.disabled ? "true" : null }, words, icon("link"));
    }
    if (one.style === PREMIUM) {
      const name = this.store.sku(one.sku_id)?.name ?? "Not for sale";
      return h("button", { type: "button", class: "button premium", "aria-haspopup": "menu", disabled: Boolean(one.disabled), onclick: (event) => this.actions.openShop(event, one.sku_id) }, icon("cart"), h("span", {}, name));
    }
    const press = async (event) => {
      const button = event.currentTarget;
      button.classList.add("busy");
      await this.actions.press(message, { custom_id: one.custom_id });
      button.classList.remove("busy");
    };
    return h("button", { type: "button", class: `button ${style}`, disabled: Boolean(one.disabled), data: { customId: one.custom_id ?? "" }, onclick: press }, words);
  }

  select(one, message) {
    const choose = (values) => this.actions.press(message, { custom_id: one.custom_id, values });
    return new Select(this.store, one, { chosen: choose }).element;
  }
}

function asPicture({ media, description, spoiler }) {
  return { ...media, description, spoiler, content_type: media.content_type ?? "image/*", filename: description ?? "" };
}

