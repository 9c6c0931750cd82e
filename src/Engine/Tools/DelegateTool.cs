namespace GenAI.Chats.Engine.Tools;

/// <summary>A tool that is a delegate.</summary>
internal sealed class DelegateTool(FunctionDeclaration declaration, Func<ChatToolCall, CancellationToken, ValueTask<Struct>> invoke) : IChatTool
{
    public FunctionDeclaration Declaration { get; } = declaration;

    public ValueTask<Struct> InvokeAsync(ChatToolCall toolCall, CancellationToken cancellationToken) => invoke(toolCall, cancellationToken);
}
