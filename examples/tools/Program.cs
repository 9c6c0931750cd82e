using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Engine.Tools;
using GenAI.Chats.Examples.Tools;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddChatSilo();
builder.AddChatsApi();

// A chat asks for it with the tool {"functionDeclarations": [{"name": "book"}]} in its config. With Models:Echo=true, model echo calls it without a network.
builder.Services.AddChatTool<BookTool>();

// The same without a memory of its calls: one that was cut off is not run again.
builder.Services.AddChatTool(
    new FunctionDeclaration { Name = "book_once", Description = "Writes an order to the ledger, at most once.", Parameters = BookTool.Parameters },
    async (call, cancellationToken) =>
    {
        await Ledger.AppendAsync(builder.Configuration, call, cancellationToken);
        return new Struct { Fields = { ["output"] = Value.ForString(call.CallId) } };
    },
    new ChatToolOptions { RunsAgain = false });

var app = builder.Build();
app.MapChatsApi();
app.Run();
