import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** A server that takes every mail, and speaks just enough SMTP (RFC 5321) for that. */
export class MailRelay {
  readonly mails: string[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  /** At an address of the clients' side of the network. */
  static async start(address: string, port: number): Promise<MailRelay> {
    const server = createServer();
    const relay = new MailRelay(server);
    server.on("connection", (socket) => relay.serve(socket));
    server.listen(port, address);
    await once(server, "listening");
    return relay;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.write("220 relay\r\n");
    let mail: string[] | undefined;
    createInterface({ input: socket }).on("line", (line) => {
      if (mail && line !== ".") {
        mail.push(line);
        return;
      }
      if (mail) {
        this.mails.push(mail.join("\n"));
        mail = undefined;
        socket.write("250 taken\r\n");
      } else if (line === "DATA") {
        mail = [];
        socket.write("354 go on\r\n");
      } else socket.write(line === "QUIT" ? "221 bye\r\n" : "250 ok\r\n");
    });
  }
}
