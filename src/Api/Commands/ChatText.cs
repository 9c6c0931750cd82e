using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Api.Commands;

/// <summary>Prints chats for people.</summary>
internal static class ChatText
{
    private const string None = "-";

    /// <summary>Prints a page of a list.</summary>
    public static async Task WriteAsync(IEnumerable<TenantChat> chats, TextWriter output, bool isFirst)
    {
        var table = new TextTable("CHAT", "STATE", "SINCE", "QUEUED", "ATTEMPT", "TURNS", "BYTES", "MODEL", "OWNER");
        foreach (var chat in chats)
        {
            var first = chat.PendingTurns.FirstOrDefault();
            table.Add(
                ChatArgument.Of(chat),
                StateOf(chat),
                Time(first?.Turn.CreateTime ?? chat.Chat.UpdateTime),
                Number(chat.Chat.QueuedTurns),
                first is null ? None : Number(first.Turn.Attempt),
                Number(chat.Chat.TurnCount),
                Number(chat.StoredBytes),
                chat.Chat.Model,
                OrNone(first?.Owner));
        }

        await table.WriteAsync(output, continues: !isFirst);
    }

    /// <summary>Prints a chat with its turns.</summary>
    public static async Task WriteAsync(TenantChat chat, TextWriter output)
    {
        (string Name, string Value)[] values =
        [
            ("Chat", ChatArgument.Of(chat)),
            ("State", StateOf(chat)),
            ("Model", chat.Chat.Model),
            ("Display name", OrNone(chat.Chat.DisplayName)),
            ("Labels", OrNone(string.Join(", ", chat.Chat.Labels.OrderBy(static label => label.Key, StringComparer.Ordinal).Select(static label => $"{label.Key}={label.Value}")))),
            ("Created", Time(chat.Chat.CreateTime)),
            ("Changed", Time(chat.Chat.UpdateTime)),
            ("Expires", Time(chat.Chat.ExpireTime)),
            ("Revision", Number(chat.Chat.Revision)),
            ("Turns", Number(chat.Chat.TurnCount)),
            ("Tokens", Number(chat.Chat.TotalUsage?.TotalTokenCount ?? 0)),
            ("Bytes", Number(chat.StoredBytes)),
        ];
        var width = values.Max(static value => value.Name.Length) + 2;
        foreach (var (name, value) in values)
        {
            await output.WriteLineAsync($"{$"{name}:".PadRight(width)} {TextTable.Printable(value)}");
        }

        await output.WriteLineAsync();
        if (chat.PendingTurns.Count == 0)
        {
            await output.WriteLineAsync("No pending turns.");
        }
        else
        {
            await output.WriteLineAsync("Pending turns:");
            await WriteAsync(chat.PendingTurns, output);
        }

        if (chat.RecentTurns.Count > 0)
        {
            await output.WriteLineAsync();
            await output.WriteLineAsync("Last ended turns:");
            await WriteAsync(chat.RecentTurns, output);
        }
    }

    /// <summary>Returns the state of a turn as the commands print it.</summary>
    public static string StateOf(Turn turn) => turn.State.ToString().ToLowerInvariant();

    private static Task WriteAsync(IEnumerable<PendingTurn> turns, TextWriter output)
    {
        var table = new TextTable("TURN", "STATE", "ACCEPTED", "STARTED", "ATTEMPT", "USED", "OWNER");
        foreach (var pending in turns)
        {
            var turn = pending.Turn;
            table.Add(
                turn.TurnId,
                pending.Stopping ? "stopping" : StateOf(turn),
                Time(turn.CreateTime),
                Time(turn.StartTime),
                Number(turn.Attempt),
                Number(pending.UsedAttempts),
                OrNone(pending.Owner));
        }

        return table.WriteAsync(output);
    }

    private static Task WriteAsync(IEnumerable<Turn> turns, TextWriter output)
    {
        var table = new TextTable("TURN", "STATE", "ACCEPTED", "ENDED", "ATTEMPT", "REVISION", "TOKENS", "ERROR");
        foreach (var turn in turns)
        {
            table.Add(
                turn.TurnId,
                StateOf(turn),
                Time(turn.CreateTime),
                Time(turn.EndTime),
                Number(turn.Attempt),
                turn.Revision == 0 ? None : Number(turn.Revision),
                Number(turn.Usage?.TotalTokenCount ?? 0),
                turn.Error is { } error ? $"{error.Reason}: {error.Message}" : None);
        }

        return table.WriteAsync(output);
    }

    private static string StateOf(TenantChat chat) => chat.PendingTurns.FirstOrDefault() switch
    {
        null => "idle",
        { Owner.Length: > 0 } when chat.Abandoned => "abandoned",
        var first => StateOf(first.Turn),
    };

    private static string Time(Timestamp? time) =>
        time is null ? None : time.ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string OrNone(string? text) => string.IsNullOrEmpty(text) ? None : text;
}
