// Node's socket.io on uWebSockets.js: `node server.mjs PORT`; the messages come as JSON in the environment.
import { createRequire } from "node:module";
import { Server } from "socket.io";
import { serve } from "../node/handlers.mjs";

// Not the package's entry, which falls back to JavaScript if there is no build for this Node.
const build = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`;
const { App } = createRequire(import.meta.url)(
  `./node_modules/@trufflesuite/uws-js-unofficial/binaries/${build}`,
);

const app = App();
const io = new Server({ serveClient: false });
io.attachApp(app);
serve(io);
app.listen("127.0.0.1", Number(process.argv[2]), (socket) => {
  if (!socket) process.exit(1);
});
