using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Storage.Tests;

/// <summary>
/// Stored records as versions of this service wrote them. A sample is never changed: what was written must be read for ever. When records
/// change, the new shape becomes a further sample.
/// </summary>
public sealed class RecordSampleTests
{
    [Fact]
    public void Settings_OfVersion1_AreReadAndWrittenAlike() => Sample.AssertIs("settings.v1", SettingsV1(), ChatSettings.Parser);

    [Fact]
    public void Input_OfVersion1_IsReadAndWrittenAlike() => Sample.AssertIs("input.v1", InputV1(), TurnInput.Parser);

    [Fact]
    public void RecordedInput_OfVersion1_IsReadAndWrittenAlike() => Sample.AssertIs("recorded-input.v1", RecordedInputV1(), TurnInput.Parser);

    [Fact]
    public void Outcome_OfVersion1_IsReadAndWrittenAlike() => Sample.AssertIs("outcome.v1", OutcomeV1(), TurnOutcome.Parser);

    [Fact]
    public void FailedOutcome_OfVersion1_IsReadAndWrittenAlike() => Sample.AssertIs("failed-outcome.v1", FailedOutcomeV1(), TurnOutcome.Parser);

    [Fact]
    public void Outcome_OfVersion2_IsReadAndWrittenAlike() => Sample.AssertIs("outcome.v2", OutcomeV2(), TurnOutcome.Parser);

    [Fact]
    public void ProgressAnswer_OfVersion2_IsReadAndWrittenAlike() => Sample.AssertIs("progress-answer.v2", ProgressAnswerV2(), TurnProgress.Parser);

    [Fact]
    public void ProgressResult_OfVersion2_IsReadAndWrittenAlike() => Sample.AssertIs("progress-result.v2", ProgressResultV2(), TurnProgress.Parser);

    [Fact]
    public void Input_OfVersion3_IsReadAndWrittenAlike() => Sample.AssertIs("input.v3", InputV3(), TurnInput.Parser);

    [Fact]
    public void Tree_OfVersion4_IsReadAndWrittenAlike() => Sample.AssertIs("tree.v4", TreeV4(), ChatTree.Parser);

    [Fact]
    public void Settings_OfVersion4_AreReadAndWrittenAlike() => Sample.AssertIs("settings.v4", SettingsV4(), ChatSettings.Parser);

    [Fact]
    public void Input_OfVersion4_IsReadAndWrittenAlike() => Sample.AssertIs("input.v4", InputV4(), TurnInput.Parser);

    [Fact]
    public void Move_OfVersion4_IsReadAndWrittenAlike() => Sample.AssertIs("move.v4", MoveV4(), TurnInput.Parser);

    [Fact]
    public void Outcome_OfVersion4_IsReadAndWrittenAlike() => Sample.AssertIs("outcome.v4", OutcomeV4(), TurnOutcome.Parser);

    [Fact]
    public void Samples_Together_HaveEveryField()
    {
        IMessage[] samples =
        [
            SettingsV1(), InputV1(), RecordedInputV1(), OutcomeV1(), FailedOutcomeV1(), OutcomeV2(), ProgressAnswerV2(), ProgressResultV2(), InputV3(),
            TreeV4(), SettingsV4(), InputV4(), MoveV4(), OutcomeV4(),
        ];
        var records = StorageReflection.Descriptor.MessageTypes.SelectMany(type => type.NestedTypes.Prepend(type));
        foreach (var field in records.SelectMany(type => type.Fields.InDeclarationOrder()).Where(field => !field.ContainingType.GetOptions()?.MapEntry ?? true))
        {
            Assert.True(samples.Any(sample => Sample.Has(sample, field.FullName)), $"No sample has {field.FullName}.");
        }
    }

    private static ChatSettings SettingsV1() => new()
    {
        Model = "gemini-2.5-flash",
        DisplayName = "Über ein Schachbrett",
        Labels = { { "team", "a" } },
        Ttl = Duration.FromTimeSpan(TimeSpan.FromHours(36.5)),
        Config = new GenerateContentConfig { Temperature = 0, SystemInstruction = Make.Text("", "Be brief."), StopSequences = { "END" } },
    };

    private static TurnInput InputV1() => new()
    {
        Message = new Content
        {
            Role = "user",
            Parts = { new Part { Text = "" }, new Part { InlineData = new Blob { MimeType = "image/png", Data = ByteString.CopyFrom(0, 255, 10) } } },
        },
        Config = new GenerateContentConfig { MaxOutputTokens = 0 },
        ConfigMode = SendMessageRequest.Types.ConfigMode.Merge,
        Stream = true,
        ExpectedRevision = 0,
    };

    private static TurnInput InputV3() => new()
    {
        Message = Make.Text("user", "2 + 2?"),
        Stream = true,
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };

    private static ChatTree TreeV4() => new()
    {
        Branches =
        {
            new ChatTree.Types.Branch { FirstSequence = 9, FirstRevision = 6, ParentSequence = 3, ParentRevision = 2, ParentCount = 2, TurnsBefore = 5 },
            new ChatTree.Types.Branch { FirstSequence = 12, FirstRevision = 8, ParentSequence = 9, ParentRevision = 6, ParentCount = 3, TurnsBefore = 6 },
        },
        Head = new ChatTree.Types.Head { Sequence = 8, Revision = 5, LastRevision = 8 },
        ForkedFrom = new Chat.Types.ForkPoint { Name = "chats/source", Revision = 4 },
    };

    private static ChatSettings SettingsV4() => new() { Model = "echo", ExpireTime = new Timestamp { Seconds = 1772364615, Nanos = 5 } };

    private static TurnInput InputV4() => new()
    {
        Message = Make.Text("user", "2 + 3?"),
        Parent = new TurnInput.Types.Parent { Sequence = 3, Revision = 2 },
        Model = "gemini-2.5-pro",
        RegeneratedTurnId = "turn-4",
    };

    private static TurnInput MoveV4() => new() { Move = new TurnInput.Types.Move { Revision = 5, Erase = true } };

    private static TurnOutcome OutcomeV4() => new() { FinishReason = "STOP", Model = "gemini-2.5-pro" };

    private static TurnInput RecordedInputV1() => new()
    {
        Message = Make.Text("user", "2 + 2?"),
        Recorded = new TurnInput.Types.Recorded { Output = { Make.Text("model", "4") }, IsValid = true },
    };

    private static TurnOutcome OutcomeV1() => new()
    {
        Contents =
        {
            new Content
            {
                Role = "model",
                Parts =
                {
                    new Part { Text = "Let me see.", Thought = true, ThoughtSignature = "c2ln+/=" },
                    new Part { FunctionCall = new FunctionCall { Id = "call-1", Name = "now", Args = new Struct { Fields = { { "utc", Value.ForBool(true) } } } } },
                },
                Extra = new Struct { Fields = { { "grounding", Value.ForNumber(0.25) } } },
            },
            new Content
            {
                Role = "user",
                Parts = { new Part { FunctionResponse = new FunctionResponse { Id = "call-1", Name = "now", Response = new Struct() } } },
            },
            Make.Text("model", "Noon. \U0001F55B"),
        },
        Uncurated = { 0, 1 },
        Chunks =
        {
            new Chunk { Changed = new GenerateContentResponse { ModelVersion = "gemini-2.5-flash", ResponseId = "r-1" }, Pieces = { 0, 5 } },
            new Chunk { Cleared = { 3, 4 }, Pieces = { 0, 4, 1, 0 } },
        },
        FinishReason = "STOP",
        Usage = new UsageMetadata { PromptTokenCount = 12, CandidatesTokenCount = 3, TotalTokenCount = 15 },
        ModelVersion = "gemini-2.5-flash-001",
        DroppedChunks = 7,
    };

    private static Part CallV2() => new() { FunctionCall = new FunctionCall { Id = "call-1", Name = "now", Args = new Struct() }, ThoughtSignature = "c2ln" };

    private static Part ResponseV2() => new()
    {
        FunctionResponse = new FunctionResponse { Id = "call-1", Name = "now", Response = new Struct { Fields = { { "output", Value.ForString("noon") } } } },
    };

    private static TurnOutcome OutcomeV2() => new()
    {
        Contents =
        {
            new Content { Role = "model", Parts = { CallV2() } },
            new Content { Role = "user", Parts = { ResponseV2() } },
            new Content { Role = "model", Parts = { CallV2() } },
        },
        Chunks =
        {
            new Chunk { Changed = new GenerateContentResponse { ModelVersion = "echo" }, Pieces = { 1, 0 } },
            new Chunk { Pieces = { 1, 0 }, NextContent = true },
            new Chunk { Changed = new GenerateContentResponse { ModelVersion = "echo" }, Pieces = { 1, 0 }, NextContent = true },
        },
        FinishReason = "STOP",
        Open = true,
    };

    private static TurnProgress ProgressAnswerV2() => new()
    {
        Answer = new TurnProgress.Types.Answer
        {
            Content = new Content { Role = "model", Parts = { CallV2() } },
            Chunks = { new Chunk { Changed = new GenerateContentResponse { ModelVersion = "echo" }, Pieces = { 1, 0 } } },
        },
    };

    private static TurnProgress ProgressResultV2() => new() { Result = new TurnProgress.Types.Result { Call = 1, Response = ResponseV2() } };

    private static TurnOutcome FailedOutcomeV1() => new()
    {
        Error = new Turn.Types.Error { Code = 14, Reason = "MODEL_UNAVAILABLE", Message = "The model did not answer." },
    };
}
