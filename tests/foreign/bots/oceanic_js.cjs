// The conversation of tests/foreign, with oceanic.js.
const { Client, InteractionTypes, MessageFlags } = require("oceanic.js");

const client = new Client({
  auth: `Bot ${process.env.TOKEN}`,
  rest: { baseURL: `${process.env.SANDBOX_URL}/api/v10` },
  gateway: { intents: ["GUILDS"] },
});
const PIXEL = Buffer.from(process.env.PIXEL, "base64");

const picture = {
  name: "picture",
  description: "Make a picture",
  type: 1,
  options: [
    { name: "prompt", description: "What to draw", type: 3, required: true, autocomplete: true },
    { name: "image", description: "A picture", type: 11 },
    { name: "who", description: "Someone", type: 6 },
  ],
};

client.once("ready", async () => {
  await client.application.bulkEditGlobalCommands([picture, { name: "Look", type: 3 }]);
  console.log("ready");
});
client.on("error", (error) => console.error(error));

async function command(interaction) {
  if (interaction.data.type === 3) {
    const target = interaction.data.target;
    const content = `files ${target.attachments.size}`;
    await interaction.createMessage({ content, flags: MessageFlags.EPHEMERAL });
    return;
  }
  await interaction.defer();
  const options = interaction.data.options;
  const image = options.getAttachment("image")?.filename ?? "nothing";
  const who = options.getUser("who")?.username ?? "nobody";
  await interaction.editOriginal({
    content: `made ${options.getString("prompt", true)} from ${image} for ${who}`,
    files: [{ contents: PIXEL, name: "a.png" }],
    components: [{ type: 1, components: [{ type: 2, style: 1, label: "Again", customID: "again" }] }],
  });
  await interaction.createFollowup({ content: "only you", flags: MessageFlags.EPHEMERAL });
}

async function form(interaction) {
  await interaction.createModal({
    title: "Form",
    customID: "form",
    components: [{ type: 1, components: [{ type: 4, style: 1, label: "Text", customID: "text" }] }],
  });
}

client.on("interactionCreate", async (interaction) => {
  if (interaction.type === InteractionTypes.APPLICATION_COMMAND_AUTOCOMPLETE) {
    const typed = interaction.data.options.getFocused(true).value;
    await interaction.result([{ name: `${typed}!`, value: typed }]);
  } else if (interaction.type === InteractionTypes.APPLICATION_COMMAND) {
    await command(interaction);
  } else if (interaction.type === InteractionTypes.MESSAGE_COMPONENT) {
    await form(interaction);
  } else if (interaction.type === InteractionTypes.MODAL_SUBMIT) {
    const text = interaction.data.components.getTextInput("text");
    await interaction.createMessage({ content: `form ${text}`, flags: MessageFlags.EPHEMERAL });
  }
});

client.connect();
