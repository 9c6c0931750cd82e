// curl -N -d "Hello there!" "http://localhost:5080/chats/demo?model=echo"
using GenAI.Chats.Client;

var builder = WebApplication.CreateBuilder(args);
builder.AddGenAIChatsClient("chats");
var app = builder.Build();

app.MapPost("/chats/{id}", async (string id, string model, HttpRequest request, ChatsClient chats, CancellationToken cancellationToken) =>
{
    using var body = new StreamReader(request.Body);
    var message = await body.ReadToEndAsync(cancellationToken);
    return Results.Stream(async response => await RespondAsync(await OpenAsync(chats, id, model, cancellationToken), message, response, cancellationToken), "text/plain; charset=utf-8");
});

app.Run();

// Opens the chat, or creates it with the first message.
static async Task<Chat> OpenAsync(ChatsClient chats, string id, string model, CancellationToken cancellationToken)
{
    try
    {
        return await chats.CreateAsync(model, options: new CreateOptions { ChatId = id }, cancellationToken: cancellationToken);
    }
    catch (ChatException exists) when (exists.Reason == "CHAT_EXISTS")
    {
        return chats.Open(id);
    }
}

static async Task RespondAsync(Chat chat, string message, Stream response, CancellationToken cancellationToken)
{
    await using var writer = new StreamWriter(response) { AutoFlush = true };
    await foreach (var chunk in chat.SendMessageStreamAsync(message, cancellationToken: cancellationToken))
    {
        await writer.WriteAsync(chunk.Text);
    }
}
