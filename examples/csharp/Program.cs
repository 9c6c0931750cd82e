// Resumes a stream, and sends a message once. Kill the server while it prints, and start it again.
// Usage: dotnet run --project examples/csharp [ADDRESS]
using GenAI.Chats.Client;
using GenAI.Chats.V1;

using var chats = new ChatsClient($"http://{(args.Length > 0 ? args[0] : "127.0.0.1:50051")}");
var chat = await chats.CreateAsync("echo", new GenerateContentConfig { Labels = { ["echo-delay-ms"] = "100" } });
Console.WriteLine($"created {chat.Name}");

// The client retries calls, and resumes streams. If the turn restarts, its new response replaces the chunks so far. The response of
// this model is the same each time, so words that are printed already are skipped.
var options = new SendOptions { OnTurnRestart = TurnRestartPolicy.Signal };
var (printed, received) = (0, 0);
await foreach (var chunk in chat.SendMessageStreamAsync("These words come one by one, even if the server is killed between them.", options))
{
    received = chunk.IsRestart ? 1 : received + 1;
    if (received > printed)
    {
        Console.WriteLine(chunk.Text?.Trim());
        printed = received;
    }
}

// A program that can be killed itself stores the request ID, and sends again with it when it restarts.
var once = new SendOptions { RequestId = Guid.NewGuid().ToString() };
var first = await chat.SendMessageAsync("Once.", once);
var second = await chat.SendMessageAsync("Once.", once);
Console.WriteLine($"sent twice, one turn: {(first.Turn.TurnId == second.Turn.TurnId).ToString().ToLowerInvariant()}");
