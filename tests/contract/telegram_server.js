// Starts telegram-test-api on the port that it is told, until it is ended.
const TelegramServer = require("./node/node_modules/telegram-test-api");

new TelegramServer({ host: "127.0.0.1", port: Number(process.argv[2]) }).start();
