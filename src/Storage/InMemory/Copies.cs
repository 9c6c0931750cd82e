namespace GenAI.Chats.Storage.InMemory;

/// <summary>Deep copies, so that the store and its callers don't share records.</summary>
internal static class Copies
{
    public static ChatRecord Of(ChatRecord chat) => chat with
    {
        Settings = chat.Settings.Clone(),
        Tree = chat.Tree?.Clone(),
        TotalUsage = chat.TotalUsage?.Clone(),
        CreateRequestHash = chat.CreateRequestHash.ToArray(),
    };

    public static TurnRecord Of(TurnRecord turn) => turn with
    {
        Input = turn.HasInput ? turn.Input.Clone() : null!,
        InputBytes = turn.InputBytes,
        Outcome = turn.Outcome?.Clone(),
        RequestHash = turn.RequestHash.ToArray(),
    };

    public static ChatSnapshot Of(InMemoryChat chat) => new(Of(chat.Record), chat.LastSequence, chat.Pending.Select(turn => Of(turn.WithoutInput())).ToList());
}
