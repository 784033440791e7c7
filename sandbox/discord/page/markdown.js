// Parses Discord's markdown into a tree, which richtext.js renders. Pure.

const ESCAPED = /^\\([^\p{L}\p{N}\s])/u;
const AUTO_LINK = /^https?:\/\/[^\s<>]+[^\s<>.,:;"'!?)\]*_~|]/;

/** Inline rules, tried in order at each special character. `inner` is parsed recursively. */
const INLINE = [
  [ESCAPED, ([, sign]) => text(sign)],
  [/^(`+)([^]*?[^`])\1(?!`)/, ([, , code]) => ({ type: "code", text: code.trim() || code })],
  [/^<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, ([, unix, style]) => ({ type: "time", unix: Number(unix), style })],
  [/^<@!?(\d+)>/, ([, id]) => ({ type: "user", id })],
  [/^<@&(\d+)>/, ([, id]) => ({ type: "role", id })],
  [/^<#(\d+)>/, ([, id]) => ({ type: "channel", id })],
  [/^<\/([-_\p{L}\p{N}]+(?: [-_\p{L}\p{N}]+){0,2}):\d+>/u, ([, name]) => ({ type: "command", name })],
  [/^<a?:(\w{2,32}):\d+>/, ([, name]) => text(`:${name}:`)],
  [/^@(everyone|here)\b/, ([whole]) => ({ type: "everyone", text: whole })],
  [/^\[((?:\\.|[^\][\\])+)\]\(<?(https?:\/\/[^\s<>]+?)>?(?:\s+"[^"]*")?\)/, ([, inner, url]) => ({ type: "link", url, inner })],
  [/^<(https?:\/\/[^\s<>]+)>/, ([, url]) => ({ type: "link", url, inner: null })],
  [AUTO_LINK, ([url]) => ({ type: "link", url, inner: null })],
  [/^\*\*((?:\\[^]|[^\\])+?)\*\*(?!\*)/, ([, inner]) => ({ type: "strong", inner })],
  [/^__((?:\\[^]|[^\\])+?)__(?!_)/, ([, inner]) => ({ type: "underline", inner })],
  [/^\*(?=\S)((?:\*\*|\\[^]|[^\\*])*?[^\s*\\])\*(?!\*)/, ([, inner]) => ({ type: "em", inner })],
  [/^_((?:__|\\[^]|[^\\_])+?)_(?![\p{L}\p{N}_])/u, ([, inner]) => ({ type: "em", inner })],
  [/^~~((?:\\[^]|[^\\])+?)~~/, ([, inner]) => ({ type: "strike", inner })],
  [/^\|\|([^]+?)\|\|/, ([, inner]) => ({ type: "spoiler", inner })],
];
const SPECIAL = /[\\`<@[*_~|h]/;
const HEADING = /^(#{1,3}) +(.+)$/;
const SUBTEXT = /^-# +(.+)$/;
const ITEM = /^( *)([-*]|\d{1,9}\.) +(.+)$/;
const FENCE = /```(?:([\w+#.-]{1,20})\n)?\n?([^]*?)```/;

function text(value) {
  return { type: "text", text: value };
}

/** Parse inline markdown. */
export function inline(source) {
  const nodes = [];
  let plain = "";
  let at = 0;
  const flush = () => {
    if (plain) nodes.push(text(plain));
    plain = "";
  };
  while (at < source.length) {
    const found = SPECIAL.test(source[at]) ? ruleAt(source, at) : null;
    if (!found) {
      plain += source[at++];
      continue;
    }
    flush();
    nodes.push(found.node);
    at += found.length;
  }
  flush();
  return nodes;
}

function ruleAt(source, at) {
  const insideWord = at > 0 && /[\p{L}\p{N}]/u.test(source[at - 1]);
  if (insideWord && (source[at] === "_" || source[at] === "h" || source[at] === "@")) return null;
  const rest = source.slice(at);
  for (const [pattern, make] of INLINE) {
    const match = pattern.exec(rest);
    if (match) return { node: read(make(match)), length: match[0].length };
  }
  return null;
}

function read(node) {
  return typeof node.inner === "string" ? { ...node, inner: inline(node.inner) } : node;
}

/** Parse a whole text: blocks with inline markdown in them. */
export function parse(source) {
  const fence = FENCE.exec(source);
  if (!fence || escapedAt(source, fence.index)) return lines(source);
  const before = source.slice(0, fence.index).replace(/\n$/, "");
  const after = source.slice(fence.index + fence[0].length).replace(/^\n/, "");
  const block = { type: "block", language: fence[1] ?? "", text: fence[2].replace(/\n$/, "") };
  return [...(before ? lines(before) : []), block, ...(after ? parse(after) : [])];
}

function escapedAt(source, index) {
  return index > 0 && source[index - 1] === "\\";
}

function lines(source) {
  const blocks = [];
  const waiting = source.split("\n");
  while (waiting.length) {
    if (waiting[0].startsWith(">>> ")) {
      const rest = waiting.splice(0).join("\n").slice(4);
      blocks.push({ type: "quote", blocks: lines(rest) });
    } else if (isQuote(waiting[0])) {
      blocks.push({ type: "quote", blocks: lines(take(waiting, isQuote).map((one) => one.slice(2)).join("\n")) });
    } else if (ITEM.test(waiting[0])) {
      blocks.push(list(take(waiting, (one) => ITEM.test(one))));
    } else {
      const made = line(waiting.shift(), blocks.at(-1));
      if (made) blocks.push(made);
    }
  }
  return blocks;
}

function isQuote(one) {
  return one.startsWith("> ") || one === ">";
}

function take(waiting, wanted) {
  const taken = [];
  while (waiting.length && wanted(waiting[0])) taken.push(waiting.shift());
  return taken;
}

/** Parse one line; consecutive plain lines form a paragraph, so that inline markdown can span lines. */
function line(source, before) {
  const heading = HEADING.exec(source);
  if (heading) return { type: "heading", level: heading[1].length, inner: inline(heading[2]) };
  const small = SUBTEXT.exec(source);
  if (small) return { type: "subtext", inner: inline(small[1]) };
  if (before?.type === "paragraph") {
    before.source += `\n${source}`;
    before.inner = inline(before.source);
    return null;
  }
  return { type: "paragraph", source, inner: inline(source) };
}

function list(items) {
  const [, indent, mark] = ITEM.exec(items[0]);
  const made = { type: "list", ordered: /\d/.test(mark), start: Number.parseInt(mark, 10) || 1, items: [] };
  while (items.length) {
    const [, , , content] = ITEM.exec(items.shift());
    const nested = take(items, (one) => ITEM.exec(one)[1].length > indent.length);
    made.items.push({ inner: inline(content), nested: nested.length ? list(nested) : null });
  }
  return made;
}

/** Return whether a text consists of a few emoji only, which are shown large. */
export function onlyEmoji(source) {
  const bare = source.replace(/\s/g, "");
  if (!bare || bare.length > 60) return false;
  return /^(?:\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}]?\uFE0F?(?:\u200D\p{Extended_Pictographic}\uFE0F?)*|\p{Regional_Indicator}{2})+$/u.test(bare);
}
