// Flattens slash commands into usable ones with their options, and parses typed lines. Pure.

export const OPTION = { string: 3, integer: 4, boolean: 5, user: 6, channel: 7, role: 8, mentionable: 9, number: 10, attachment: 11 };
const SUB_GROUP = 2, SLASH = 1;
export const USER_MENU = 2, MESSAGE_MENU = 3;

/** List usable commands, with each subcommand separately, in Discord's order. */
export function usable(commands, locale) {
  return commands.filter((one) => one.type === SLASH).flatMap((one) => leaves(one, [], [], locale)).sort((a, b) => a.shown.localeCompare(b.shown));
}

function leaves(node, names, shown, locale) {
  const path = [...names, node.name];
  const labels = [...shown, node.name_localizations?.[locale] ?? node.name];
  const inner = (node.options ?? []).filter((one) => one.type <= SUB_GROUP);
  if (inner.length) return inner.flatMap((one) => leaves(one, path, labels, locale));
  const description = node.description_localizations?.[locale] ?? node.description;
  const options = (node.options ?? []).map((one) => localized(one, locale));
  return [{ path: path.join(" "), shown: labels.join(" "), description, options }];
}

function localized(option, locale) {
  return {
    ...option,
    shown: option.name_localizations?.[locale] ?? option.name,
    description: option.description_localizations?.[locale] ?? option.description,
    choices: option.choices?.map((one) => ({ ...one, name: one.name_localizations?.[locale] ?? one.name })),
  };
}

/** List the context-menu commands of a type. */
export function menus(commands, kind, locale) {
  return commands.filter((one) => one.type === kind).map((one) => ({ name: one.name, shown: one.name_localizations?.[locale] ?? one.name }));
}

/** Filter commands by the text after the slash; those that begin with it come first. */
export function matching(all, query) {
  const wanted = query.trim().toLowerCase();
  const rank = (one) => [one.shown, one.path].map((name) => (name.startsWith(wanted) ? 0 : name.includes(wanted) ? 1 : 2)).reduce((a, b) => Math.min(a, b));
  const ranked = all.map((command) => ({ command, rank: rank(command) }));
  const byWords = (one) => one.rank < 2 || (wanted.length > 2 && one.command.description.toLowerCase().includes(wanted));
  return ranked.filter(byWords).sort((a, b) => a.rank - b.rank).map((one) => one.command);
}

/**
 * Parse a typed line as `{command, values, rest}`; null if it does not begin with a command and a space.
 * `name: text` fills that option; other text goes into the first required text option, or else into `rest`.
 */
export function typed(all, line) {
  if (!line.startsWith("/")) return null;
  const body = line.slice(1);
  const named = all.flatMap((command) => [command.path, command.shown].filter((name) => `${body} `.startsWith(`${name} `)).map((name) => ({ command, name })));
  const found = named.sort((a, b) => b.name.length - a.name.length)[0];
  if (!found) return null;
  const { values, free } = split(found.command.options, body.slice(found.name.length).trim());
  const target = free && freeTarget(found.command.options, values);
  return { command: found.command, values: target ? { ...values, [target.name]: free } : values, rest: target ? "" : free };
}

/** Return whether a line is the whole name of one command and the beginning of another's, as `/mod case` is of `/mod cases`. */
export function isAmbiguous(all, line) {
  const names = all.flatMap((one) => [`/${one.path}`, `/${one.shown}`]);
  return names.includes(line) && names.some((name) => name !== line && name.startsWith(line));
}

function split(options, body) {
  const names = options.flatMap((one) => [one.name, one.shown]).map(escaped);
  const marks = names.length ? [...body.matchAll(new RegExp(`(?:^|\\s)(${names.join("|")}):`, "gu"))] : [];
  const values = {};
  marks.forEach((mark, index) => {
    const from = mark.index + mark[0].length;
    const option = options.find((one) => one.name === mark[1] || one.shown === mark[1]);
    values[option.name] ??= body.slice(from, marks[index + 1]?.index ?? body.length).trim();
  });
  return { values, free: body.slice(0, marks[0]?.index ?? body.length).trim() };
}

function freeTarget(options, values) {
  const empty = options.filter((one) => !(one.name in values) && one.type !== OPTION.attachment);
  const required = empty.filter((one) => one.required);
  return required.find((one) => one.type === OPTION.string) ?? required[0] ?? null;
}

/** Find ` name:` at the end of a typed text, which begins another option. */
export function optionBegun(options, value) {
  const mark = /(?:^|\s)([-_\p{L}\p{N}]{1,32}):$/u.exec(value);
  const option = mark && options.find((one) => one.name === mark[1] || one.shown === mark[1]);
  return option ? { option, before: value.slice(0, mark.index) } : null;
}

function escaped(name) {
  return name.replace(/[.*+?^${}()|[\]\\-]/g, "\\$&");
}
