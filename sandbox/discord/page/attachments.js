// Shows files: pictures in a grid, players for video and audio, and cards for other types.

import { h, safeUrl } from "./dom.js";
import { icon } from "./icons.js";

const LARGEST = { width: 440, height: 400 };
const MANY = 10;
const SPOILER = 1 << 3;

export class Attachments {
  constructor(lightbox, actions) {
    this.lightbox = lightbox;
    this.actions = actions;
  }

  /** Show a message's files. */
  all(files) {
    const pictures = files.filter(isPicture);
    const others = files.filter((one) => !isPicture(one));
    return h("div", { class: "attachments" }, pictures.length > 0 && this.gallery(pictures), others.map((one) => this.other(one)));
  }

  /** Show pictures side by side; each opens in the lightbox. */
  gallery(pictures) {
    if (pictures.length === 1) return this.picture(pictures[0], pictures, 0);
    const shown = pictures.slice(0, MANY);
    return h("div", { class: `gallery of-${Math.min(shown.length, 5)}` }, shown.map((one, index) => this.picture(one, shown, index)));
  }

  picture(one, all, index) {
    const alone = all.length === 1;
    const size = alone ? fitted(one) : {};
    const image = h("img", { src: safeUrl(one.url), alt: one.description ?? "", ...size, loading: "eager", decoding: "async" });
    const open = h(
      "button",
      { type: "button", class: "picture", "aria-label": `Open picture${one.description ? `: ${one.description}` : ""}`, onclick: () => this.lightbox.open(all, index) },
      image,
    );
    const hidden = isSpoiler(one);
    const badge = one.description && h("span", { class: "alt-badge", title: one.description, "aria-hidden": "true" }, "ALT");
    const frame = h("div", { class: hidden ? "frame veiled" : "frame" }, open, badge, this.useButton(one));
    if (alone && size.width) frame.style.setProperty("--ratio", `${size.width} / ${size.height}`);
    if (alone && size.width) frame.style.setProperty("--width", `${size.width}px`);
    if (hidden) frame.append(veil(frame));
    return frame;
  }

  /** Show the small picture beside a section's words; it opens in the lightbox. */
  thumbnail(one) {
    const image = h("img", { class: "thumbnail", src: safeUrl(one.url), alt: one.description ?? "", decoding: "async" });
    const open = h("button", { type: "button", class: "thumbnail-button", title: one.description || null, "aria-label": `Open picture${one.description ? `: ${one.description}` : ""}`, onclick: () => this.lightbox.open([one], 0) }, image);
    if (!isSpoiler(one)) return open;
    const frame = h("div", { class: "frame veiled small" }, open);
    frame.append(veil(frame));
    return frame;
  }

  useButton(one) {
    if (!this.actions.useFile) return null;
    const use = (event) => this.actions.useFile(event, one);
    return h("button", { type: "button", class: "use-file", title: "Use this picture in a command", onclick: use }, icon("picture"), "Use this picture");
  }

  other(one) {
    const kind = one.content_type ?? "";
    if (kind.startsWith("video/")) return unveiling(this.video(one), isSpoiler(one));
    if (kind.startsWith("audio/")) return unveiling(this.audio(one), isSpoiler(one));
    return card(one);
  }

  video(one) {
    const { width, height } = fitted(one);
    const player = h("video", { src: safeUrl(one.url), playsinline: true, loop: true, preload: "metadata", width, height, "aria-label": one.description ?? one.filename });
    const length = h("span", { class: "length" });
    player.addEventListener("loadedmetadata", () => (length.textContent = minutes(player.duration)));
    const box = h("div", { class: "video" }, player, length, h("button", { type: "button", class: "play", "aria-label": "Play", onclick: () => player.play() }, icon("play")));
    player.addEventListener("play", () => begun(box, player));
    return box;
  }

  audio(one) {
    return h(
      "div",
      { class: "file audio" },
      h("div", { class: "file-head" }, icon("file"), h("div", {}, fileLink(one), h("small", {}, bytes(one.size)))),
      h("audio", { src: safeUrl(one.url), controls: true, preload: "metadata", "aria-label": one.description ?? one.filename }),
    );
  }
}

/** Show a video or sound with the browser's controls. */
function begun(box, player) {
  player.controls = true;
  for (const one of [...box.children]) if (one !== player) one.remove();
}

function minutes(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Hide something behind a veil until it is pressed. */
export function unveiling(shown, hidden) {
  if (!hidden) return shown;
  const frame = h("div", { class: "frame veiled whole" }, shown);
  frame.append(veil(frame));
  return frame;
}

function veil(frame) {
  return h("button", { type: "button", class: "veil", onclick: (event) => { frame.classList.remove("veiled"); event.currentTarget.remove(); } }, "SPOILER");
}

export function card(one) {
  return unveiling(plainCard(one), isSpoiler(one));
}

function plainCard(one) {
  return h("div", { class: "file" }, h("div", { class: "file-head" }, icon("file"), h("div", {}, fileLink(one), h("small", {}, bytes(one.size)))));
}

function fileLink(one) {
  return h("a", { href: safeUrl(one.url), target: "_blank", rel: "noopener", download: one.filename }, one.filename);
}

export function isPicture(one) {
  return (one.content_type ?? "").startsWith("image/") && (one.width > 0 || one.content_type !== "image/svg+xml");
}

function isSpoiler(one) {
  return one.filename?.startsWith("SPOILER_") || one.spoiler === true || Boolean(one.flags & SPOILER);
}

/** Return a picture's display size, to reserve its space before it has loaded. */
export function fitted({ width, height }, largest = LARGEST) {
  if (!width || !height) return {};
  const scale = Math.min(1, largest.width / width, largest.height / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

export function bytes(size) {
  if (size === null || size === undefined) return "";
  if (size < 1024) return `${size} bytes`;
  return size < 1024 ** 2 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 1024 ** 2).toFixed(2)} MB`;
}
