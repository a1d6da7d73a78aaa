// socket.io on Bun: `bun server.mjs PORT`.
import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";
import { serve } from "../node/handlers.mjs";

const io = new Server();
const engine = new Engine({ path: "/socket.io/" });
io.bind(engine);
serve(io);
Bun.serve({ ...engine.handler(), hostname: "127.0.0.1", port: Number(process.argv[2]) });
