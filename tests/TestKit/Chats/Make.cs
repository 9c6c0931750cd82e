using System.Globalization;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.TestKit.Chats;

/// <summary>Records and steps to test with, every field set to something that can be told apart.</summary>
internal static class Make
{
    public const string Owner = "owner-a";
    public const string Incarnation = "chat-1";

    // Ticks that no coarser unit keeps, and an offset that is not UTC's.
    public static DateTimeOffset Time { get; } = new DateTimeOffset(2026, 3, 1, 14, 30, 15, TimeSpan.FromHours(2)).AddTicks(1_234_567);

    public static DateTimeOffset After(double seconds) => Time.AddSeconds(seconds);

    public static ChatKey Key(string chatId = "chat", string tenant = "default") => new(tenant, chatId);

    public static ChatSettings Settings(string model = "echo", params (string Key, string Value)[] labels)
    {
        var settings = new ChatSettings
        {
            Model = model,
            DisplayName = "A chat, über alles",
            Ttl = Duration.FromTimeSpan(TimeSpan.FromDays(30)),
            Config = new GenerateContentConfig { Temperature = 0.5, SystemInstruction = Text("system", "Be brief.") },
        };
        foreach (var (key, value) in labels)
        {
            settings.Labels.Add(key, value);
        }

        return settings;
    }

    public static ChatRecord Chat(ChatKey key, ChatSettings? settings = null) => new()
    {
        Key = key,
        Settings = settings ?? Settings(),
        Incarnation = Incarnation,
        StoredBytes = 17,
        CreateTime = Time,
        UpdateTime = After(1),
        CreateRequestId = "create-" + key.ChatId,
        CreateRequestHash = new byte[] { 1, 2, 3 },
    };

    public static CreateStep Create(ChatKey key, int pieces = 0, long maxChats = 1000, ChatSettings? settings = null) =>
        new(Chat(key, settings), [.. Enumerable.Range(1, pieces).Select(i => Piece(i))], maxChats);

    public static TurnRecord Piece(long sequence) => new()
    {
        Sequence = sequence,
        TurnId = "",
        RequestId = "",
        State = TurnState.Completed,
        Curated = sequence % 2 == 0,
        CreateTime = Time,
        Input = new TurnInput(),
        Outcome = Outcome($"piece {sequence}"),
    };

    public static TurnRecord Queued(long sequence, string? requestId = null, string text = "hello") => new()
    {
        Sequence = sequence,
        TurnId = Id("turn", sequence),
        RequestId = requestId ?? Id("request", sequence),
        RequestHash = new byte[] { 9, 8, (byte)sequence },
        State = TurnState.Queued,
        CreateTime = After(sequence),
        Input = new TurnInput { Message = Text("user", text), Stream = true, ConfigMode = SendMessageRequest.Types.ConfigMode.Merge },
    };

    public static TurnRecord Running(long sequence, string owner = Owner) => Queued(sequence) with
    {
        State = TurnState.Running,
        Attempt = 1,
        Owner = owner,
        StartTime = After(sequence + 0.25),
    };

    /// <summary>A turn that was generated elsewhere; in the history when it has a revision.</summary>
    public static TurnRecord Ended(long sequence, long revision) => Queued(sequence) with
    {
        State = revision > 0 ? TurnState.Completed : TurnState.Failed,
        Revision = revision,
        Curated = revision > 0,
        EndTime = After(sequence + 0.5),
        Outcome = Outcome($"answer {sequence}"),
    };

    public static AcceptStep Accept(TurnRecord turn, long version = 1) => new()
    {
        Turn = turn,
        Version = version,
        Head = turn.Revision == 0 ? null : Change(turn.Revision - 1),
    };

    public static StartStep Start(long sequence, int attempt = 1, string owner = Owner, long revision = 0) =>
        new(sequence, Id("turn", sequence), attempt, attempt - 1, owner, revision, After(sequence + 100 + attempt));

    public static EndStep End(long sequence, int attempt = 1, string? owner = Owner, long revision = 0, bool recorded = true) => new()
    {
        Sequence = sequence,
        TurnId = Id("turn", sequence),
        Attempt = attempt,
        Owner = owner,
        IsRunning = attempt > 0,
        State = recorded ? TurnState.Completed : TurnState.Cancelled,
        Curated = recorded,
        Outcome = Outcome($"answer {sequence}"),
        EndTime = After(sequence + 200),
        Head = Change(revision, recorded),
    };

    public static HeadChange Change(long revision, bool recorded = true) =>
        new(revision, recorded, recorded ? 100 + revision : 0, Usage((int)revision + 1), After(1000 + revision));

    public static TurnOutcome Outcome(string text) => new()
    {
        Contents = { Text("model", text) },
        FinishReason = "STOP",
        ModelVersion = "echo-1",
        Usage = Usage(3),
        Chunks = { new Chunk { Changed = new GenerateContentResponse { ModelVersion = "echo-1" }, Pieces = { 1, 0 } } },
    };

    public static ProgressStep Progress(long sequence, int place = 0, int attempt = 1, string owner = Owner) =>
        new(sequence, Id("turn", sequence), attempt, owner, place, Progress($"step {place}"));

    public static TurnProgress Progress(string text) => new()
    {
        Answer = new TurnProgress.Types.Answer { Content = Text("model", text), Chunks = { new Chunk { Pieces = { 1, 0 } } } },
    };

    public static UsageMetadata Usage(int tokens) => new() { TotalTokenCount = tokens };

    public static Content Text(string role, string text) => new() { Role = role, Parts = { new Part { Text = text } } };

    private static string Id(string what, long sequence) => string.Create(CultureInfo.InvariantCulture, $"{what}-{sequence}");
}
