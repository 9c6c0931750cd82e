// Streams that resume, and sends that are made once. Kill the server while it prints, and start it again.
// Usage: dotnet run --project examples/csharp [ADDRESS]
using GenAI.Chats.Client;
using GenAI.Chats.V1;

using var chats = new ChatsClient($"http://{(args.Length > 0 ? args[0] : "127.0.0.1:50051")}");
var chat = await chats.CreateAsync("echo", new GenerateContentConfig { Labels = { ["echo-delay-ms"] = "100" } });
Console.WriteLine($"created {chat.Name}");

// Requests carry an id, calls are made again, streams go on where they broke off: the client does it all.
await foreach (var chunk in chat.SendMessageStreamAsync("These words come one by one, even if the server is killed between them."))
{
    Console.WriteLine(chunk.Text?.Trim());
}

// A program that may be killed itself keeps the id, and sends again with it when it is back.
var once = new SendOptions { RequestId = Guid.NewGuid().ToString() };
var first = await chat.SendMessageAsync("Once.", once);
var second = await chat.SendMessageAsync("Once.", once);
Console.WriteLine($"sent twice, one turn: {(first.Turn.TurnId == second.Turn.TurnId).ToString().ToLowerInvariant()}");
