using GenAI.Chats.Engine.Tools;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Examples.Tools;

/// <summary>Writes orders to a ledger. A call that runs a second time, as its server was lost, finds its line there and leaves it at that.</summary>
internal sealed class BookTool(IConfiguration configuration) : IChatTool
{
    public static Schema Parameters { get; } = new()
    {
        Type = "OBJECT",
        Properties = { ["what"] = new Schema { Type = "STRING", Description = "What is ordered." } },
        Required = { "what" },
    };

    public FunctionDeclaration Declaration { get; } = new() { Name = "book", Description = "Writes an order to the ledger.", Parameters = Parameters };

    public async ValueTask<Struct> InvokeAsync(ChatToolCall toolCall, CancellationToken cancellationToken)
    {
        if (!await Ledger.HasAsync(configuration, toolCall, cancellationToken))
        {
            await Ledger.AppendAsync(configuration, toolCall, cancellationToken);
        }

        return new Struct { Fields = { ["output"] = Value.ForString(toolCall.CallId) } };
    }
}
