namespace GenAI.Chats.Engine.Tools;

/// <summary>A tool as the host registered it.</summary>
internal sealed record RegisteredTool(IChatTool Tool, ChatToolOptions Options)
{
    public string Name => Tool.Declaration.Name;
}
