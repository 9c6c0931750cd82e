using System.Globalization;
using GenAI.Chats.Engine.Storage;
using Google.Protobuf;

namespace GenAI.Chats.Storage.Tests;

/// <summary>Records as text, so that all of their fields are compared and a difference can be read.</summary>
internal static class Render
{
    public static string Of(ChatRecord? chat) => chat is null
        ? "no chat"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"""
            chat {chat.Key} {chat.Incarnation} version {chat.Version} revision {chat.Revision} turns {chat.TurnCount} open {chat.OpenSequence} bytes {chat.StoredBytes} usage {Of(chat.TotalUsage)}
              created {Of(chat.CreateTime)} by '{chat.CreateRequestId}' {Of(chat.CreateRequestHash)} updated {Of(chat.UpdateTime)}
              {Of(chat.Settings)}
              tree {Of(chat.Tree)}
            """);

    public static string Of(TurnRecord? turn) => turn is null
        ? "no turn"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"""
            turn {turn.Sequence} '{turn.TurnId}' request '{turn.RequestId}' {Of(turn.RequestHash)} {turn.State} attempt {turn.Attempt} used {turn.UsedAttempts}
              owner {turn.Owner ?? "none"} stop {turn.Stop} revision {turn.Revision} curated {turn.Curated}
              created {Of(turn.CreateTime)} started {Of(turn.StartTime)} ended {Of(turn.EndTime)}
              input {(turn.HasInput ? Of(turn.Input) : turn.InputBytes.ToString(CultureInfo.InvariantCulture))}
              outcome {Of(turn.Outcome)}
            """);

    public static string Of(ChatSnapshot? snapshot) => snapshot is null
        ? "no chat"
        : string.Create(CultureInfo.InvariantCulture, $"{Of(snapshot.Chat)}\nlast {snapshot.LastSequence}, pending:\n{Of(snapshot.Pending)}");

    public static string Of(LogPage? page) => page is null
        ? "no chat"
        : string.Create(CultureInfo.InvariantCulture, $"{page.Incarnation} revision {page.Revision} more {page.HasMore} tree {Of(page.Tree)}\n{Of(page.Turns)}");

    public static string Of(ChatListPage page) => string.Create(
        CultureInfo.InvariantCulture, $"next {page.Next?.ChatId ?? "none"} {Of(page.Next?.UpdateTime)}\n{string.Join('\n', page.Chats.Select(Of))}");

    private static string Of(IEnumerable<TurnRecord> turns) => string.Join('\n', turns.Select(Of));

    private static string Of(IMessage? message) => message is null ? "none" : message + " " + Convert.ToHexString(message.ToByteArray());

    private static string Of(ReadOnlyMemory<byte> bytes) => Convert.ToHexString(bytes.Span);

    private static string Of(DateTimeOffset? time) => time?.UtcTicks.ToString(CultureInfo.InvariantCulture) ?? "never";
}
