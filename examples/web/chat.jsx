// A chat with useChat. The page continues where it was after a reload, a broken connection, or a restart of the server.
import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport, lastAssistantMessageIsCompleteWithToolCalls } from "ai";
import { createRoot } from "react-dom/client";

// The address of the page can set these: ?chat=demo&model=gemini-2.5-flash&config={"temperature":0.5}
const query = new URLSearchParams(location.search);
const id = query.get("chat") ?? "web-example";
const api = `${query.get("server") ?? "http://127.0.0.1:8080"}/api/ui/chat`;
const body = { model: query.get("model") ?? "echo", config: JSON.parse(query.get("config")) };
const transport = new DefaultChatTransport({ api, body });

// The functions that the model can call in this page.
const functions = { now: () => new Date().toISOString() };

function Chat({ messages }) {
  const chat = useChat({
    id,
    messages,
    transport,
    resume: true,
    // The connection broke: the turn continues on the server.
    onError: (error) => error instanceof TypeError && setTimeout(() => chat.resumeStream(), 1000),
    onToolCall: ({ toolCall: { toolName, toolCallId, input } }) => {
      chat.addToolOutput({ tool: toolName, toolCallId, output: functions[toolName](input) });
    },
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
  });
  const isBusy = chat.status === "submitted" || chat.status === "streaming";
  const stop = () => fetch(`${api}/${id}/stop`, { method: "POST" });
  const texts = chat.messages.flatMap((message) => message.parts.filter((part) => part.type === "text").map((part) => [message.role, part.text]));
  return (
    <>
      <h1>{id}</h1>
      {texts.map(([role, text], i) => <p key={i} className={role}>{text}</p>)}
      {chat.error && <p role="alert">{chat.error.message}</p>}
      <form action={(form) => chat.sendMessage({ text: form.get("text") })}>
        <input name="text" aria-label="Message" placeholder="Message" required />
        {isBusy ? <button type="button" onClick={stop}>Stop</button> : <button>Send</button>}
        <button type="button" disabled={isBusy || texts.length === 0} onClick={() => chat.regenerate()}>Regenerate</button>
      </form>
    </>
  );
}

const messages = await (await fetch(`${api}/${id}/messages`)).json();
createRoot(document.getElementById("chat")).render(<Chat messages={messages} />);
