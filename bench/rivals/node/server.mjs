// Node's socket.io on ws: `node server.mjs PORT`.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { serve } from "./handlers.mjs";

const http = createServer();
serve(new Server(http, { serveClient: false }));
http.listen(Number(process.argv[2]), "127.0.0.1");
