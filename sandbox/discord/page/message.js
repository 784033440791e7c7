// Shows one message. After an edit, only the changed parts are drawn again, so that a video goes on playing.

import { sentTime } from "./clock.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { avatarOf, capital, EPHEMERAL, LOADING, V2 } from "./store.js";

const REPLY = 19;

export class MessageView {
  constructor(message, tools) {
    this.tools = tools;
    this.keys = {};
    this.parts = Object.fromEntries(["above", "head", "forwarded", "content", "embeds", "attachments", "components", "below"].map((one) => [one, h("div", { class: `part ${one}` })]));
    this.avatar = h("button", { type: "button", class: "avatar-button" });
    this.more = h("button", { type: "button", class: "more", "aria-label": "More", title: "More", onclick: (event) => tools.openMessage(event, this.message) }, icon("more"));
    this.failure = h("div", { class: "failure", role: "alert" });
    const body = [...["head", "forwarded", "content", "attachments", "embeds", "components"].map((one) => this.parts[one]), this.failure, this.parts.below];
    this.element = h("li", { class: "message", data: { id: message.id }, oncontextmenu: (event) => tools.openMessage(event, this.message) }, this.parts.above, h("div", { class: "gutter" }, this.avatar), h("div", { class: "body" }, body), this.more);
    this.update(message);
  }

  update(message) {
    this.message = message;
    const { store, text, embeds, attachments, components } = this.tools;
    const thinking = (message.flags & LOADING) !== 0;
    const ephemeral = (message.flags & EPHEMERAL) !== 0;
    this.element.classList.toggle("ephemeral", ephemeral);
    this.element.classList.toggle("mentions-me", message.mentions.some((one) => one.id === store.me) && message.author.id !== store.me);
    this.element.classList.toggle("local", Boolean(message.local));
    this.draw("above", [message.interaction_metadata, message.referenced_message?.id, message.referenced_message?.content], () => this.above(message));
    this.draw("head", [message.author, message.timestamp], () => this.head(message));
    this.draw("forwarded", message.message_snapshots, () => message.message_snapshots?.map((one) => this.forwarded(one.message)));
    this.draw("content", [message.content, message.edited_timestamp !== null, thinking, message.error], () => this.content(message, thinking));
    this.draw("embeds", message.embeds, () => message.embeds.length > 0 && embeds.all(message.embeds));
    const files = (message.flags & V2) === 0 ? message.attachments : []; // there, files show only where a component names them
    this.draw("attachments", files, () => files.length > 0 && attachments.all(files));
    this.draw("components", message.components, () => message.components.length > 0 && components.all(message.components, message));
    this.draw("below", [ephemeral, message.local], () => ephemeral && this.onlyYou(message));
  }

  /** Draw a part again if its content has changed; link signatures, which are always new, are ignored. */
  draw(part, shown, make) {
    const key = JSON.stringify(shown, (name, value) => (/(^|_)url$/.test(name) && typeof value === "string" ? value.split("?")[0] : value)) ?? "";
    if (this.keys[part] === key) return;
    this.keys[part] = key;
    const holder = this.parts[part];
    const focused = holder.contains(document.activeElement) ? document.activeElement.dataset.customId : null;
    fill(holder, make());
    if (focused) holder.querySelector(`[data-custom-id="${CSS.escape(focused)}"]`)?.focus();
  }

  above(message) {
    const used = message.interaction ?? message.interaction_metadata;
    if (used?.name && message.type !== 0) return this.usedCommand(used, message.type === 23);
    if (message.message_snapshots) return null;
    if (message.type === REPLY || message.message_reference) return this.replyTo(message.referenced_message);
    const source = this.tools.store.message(pressedOn(message.interaction_metadata));
    return source ? this.replyTo(source) : null;
  }

  usedCommand({ user, name }, menu) {
    const shown = user.global_name ?? user.username;
    const open = (event) => this.tools.openUser(event, user.id);
    return h("div", { class: "origin" }, h("span", { class: "hook" }), h("img", { class: "avatar tiny", src: avatarOf(user.id), alt: "" }), this.name(user.id, shown, open), " used ", h("span", { class: "command-name" }, menu ? name : `/${name}`));
  }

  replyTo(target) {
    const hook = h("span", { class: "hook" });
    if (!target) return h("div", { class: "origin" }, hook, h("em", {}, "Original message was deleted"));
    const shown = target.author.bot ? this.tools.store.botName : (target.author.global_name ?? target.author.username);
    const jump = () => this.tools.jumpTo(target.id);
    return h("div", { class: "origin" }, hook, h("img", { class: "avatar tiny", src: avatarOf(target.author.id), alt: "" }), this.name(target.author.id, shown), h("button", { type: "button", class: "quoted", onclick: jump }, this.inShort(target)));
  }

  /** Return a message's first line as plain text, because the quote itself is a button. */
  inShort({ content }) {
    return h("span", {}, this.tools.text.line((content || "Press to see the attachment").split("\n")[0])).textContent;
  }

  name(id, shown, onclick = (event) => this.tools.openUser(event, id)) {
    const name = h("button", { type: "button", class: "name", onclick, oncontextmenu: onclick }, shown);
    const colour = this.tools.store.colourOf(id);
    if (colour) name.style.setProperty("--role", `#${colour.toString(16).padStart(6, "0")}`);
    return name;
  }

  head(message) {
    const { author } = message;
    const shown = author.bot ? capital(author.username) : (author.global_name ?? author.username);
    fill(this.avatar, h("img", { class: "avatar", src: avatarOf(author.id), alt: "" }));
    this.avatar.setAttribute("aria-label", shown);
    this.avatar.onclick = (event) => this.tools.openUser(event, author.id);
    return [this.name(author.id, shown), author.bot && h("span", { class: "app-tag", title: "This is an app (a bot)" }, "APP"), h("span", { class: "sent" }, sentTime(message.timestamp))];
  }

  content(message, thinking) {
    if (message.error) return h("div", { class: "content failed" }, message.error);
    if (thinking) return h("div", { class: "content thinking", role: "status" }, dots(), message.local ? "Sending command…" : `${capital(message.author.username)} is thinking…`);
    if (!message.content) return null;
    const content = this.tools.text.content(message.content);
    if (message.edited_timestamp) (content.querySelector(":scope > .paragraph:last-child") ?? content).append(" ", h("span", { class: "edited", title: new Date(message.edited_timestamp).toLocaleString("en-GB") }, "(edited)"));
    return content;
  }

  /** Show the copy of a forwarded message. Nothing in it can be pressed. */
  forwarded(copy) {
    const { text, embeds, attachments } = this.tools;
    const parts = [copy.content && h("div", { class: "content" }, text.content(copy.content)), copy.attachments.length > 0 && attachments.all(copy.attachments), copy.embeds.length > 0 && embeds.all(copy.embeds)];
    return h("blockquote", { class: "forward" }, h("em", {}, "Forwarded"), parts);
  }

  fail(words) {
    this.failure.textContent = words;
  }

  onlyYou(message) {
    const dismiss = () => this.tools.dismiss(message);
    return h("div", { class: "only-you" }, icon("eye"), "Only you can see this ·", h("button", { type: "button", class: "as-link", onclick: dismiss }, "Dismiss message"));
  }
}

/** Return the message whose button or select led to this one, directly or through a modal. */
function pressedOn(metadata) {
  return metadata?.interacted_message_id ?? metadata?.triggering_interaction_metadata?.interacted_message_id;
}

export function dots() {
  return h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
}
