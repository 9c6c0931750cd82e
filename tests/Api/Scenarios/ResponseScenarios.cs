using GenAI.Chats.Api.Tests.Hosting;

namespace GenAI.Chats.Api.Tests.Scenarios;

/// <summary>Single sends: what counts as a valid answer, and what is recorded of it.</summary>
internal static class ResponseScenarios
{
    private const string TrailingChunk =
        "The trailing chunk is no reason to drop what was said before it: the finish reason came, and the merged content has a part.";
    private const string Joined = "The SDKs keep each chunk as a content of its own; joined here, as fragments grow each later request.";

    public static IReadOnlyList<Scenario> All { get; } =
    [
        Valid("python chat_with_empty_text_part, validate_response: an empty text", "m[\"\"]", SendKinds.Unary),
        Valid("python chat_stream_with_empty_text_part", "m[\"\"] STOP"),
        Invalid("python chat_with_empty_content, validate_response: no candidates", """{"candidates":[]}"""),
        Invalid("python validate_response: default response", "{}"),
        Invalid("python validate_response: no parts", """{"candidates":[{"content":{"role":"model","parts":[]},"finishReason":"STOP"}]}"""),
        Invalid("python validate_response: an empty part", "m[{}] STOP", "m[{}]"),
        Valid("python validate_response: a text", "m[a] STOP"),
        Valid("python validate_response: a function call", "m[call:f] STOP") with { Curated = [], Departs = Scenario.OpenCall },
        Invalid("js invalid response: one empty candidate", """{"candidates":[{}]}"""),
        Invalid("js invalid response: an empty content", """{"candidates":[{"content":{}}]}"""),
        Invalid("js invalid response: an empty part", """{"candidates":[{"content":{"parts":[{}]}}]}""", "m[{}]"),
        Valid("js valid response: an empty text beside another", "m[valid|\"\"] STOP", SendKinds.Unary),
        new("js valid response: an empty text beside another, streamed")
        {
            Sends = [new("u[hi]", "m[valid|\"\"] STOP")],
            Comprehensive = ["u[hi]", "m[valid]"],
            Curated = ["u[hi]", "m[valid]"],
            Kinds = SendKinds.Stream,
            Departs = Joined,
        },
        Valid("js empty text thoughts are appended", "m[~\"\"|a] STOP"),
        Invalid("go ChatsSendInvalidResponse: no parts, STOP", "m[] STOP"),
        Valid("go ChatsStreamInvalidResponse: an empty text, STOP", "m[\"\"] STOP") with
        {
            Departs = "Go takes an empty text for invalid; python and JS do not.",
        },
        Streamed("go ChatsStreamUnitTest", "m[1 + 2 = 3]", Joined, "m[1 + ]", "m[2]", "m[ = 3] STOP"),
        Streamed(
            "go ChatsStreamJoinResponses: candidate 0 of two",
            "m[abcd]",
            Joined,
            Candidates("m[a|b]", "m[x]"),
            """{"candidates":[{"index":1,"content":{"role":"model"}},{"index":0,"content":{"role":"model","parts":[{"text":"c"}]}}]}""",
            "m[d] STOP"),
        Valid("java unexpectedFinishReason: BLOCKLIST with text", "m[a] BLOCKLIST") with
        {
            Departs = "Java keeps it out of curated history; python, JS and Go do not look at the reason, only, streaming, for one.",
        },
        new("java invalidRoleThrows: a response of a third role")
        {
            Sends = [new("u[hi]", "Mr. Cheese[a] STOP")],
            Comprehensive = ["u[hi]", "Mr. Cheese[a]"],
            Curated = [],
            Departs = "Java throws, python and Go send it again and get a 400, JS hangs: here it is kept, and not sent again.",
        },
        Streamed("row ok", "m[one two]", Joined, "m[one ]", "m[two] STOP"),
        Invalid("row blocked prompt", """{"promptFeedback":{"blockReason":"SAFETY"}}"""),
        Streamed("row trailing chunk without parts", "m[one two]", TrailingChunk, "m[one ]", "m[two]", "m[] STOP"),
        Streamed(
            "row trailing chunk without content",
            "m[one two]",
            TrailingChunk,
            "m[one ]", "m[two]", """{"candidates":[{"finishReason":"STOP"}]}"""),
        Streamed(
            "row usage after the finish",
            "m[one two]",
            TrailingChunk,
            "m[one ]", "m[two] STOP", """{"usageMetadata":{"totalTokenCount":3}}"""),
        Streamed("row trailing chunk with an empty text", "m[one two]", Joined, "m[one ]", "m[two]", "m[\"\"] STOP"),
        Streamed("row trailing chunk with a signature alone", "m[one two|{}^sig]", Joined, "m[one ]", "m[two]", "m[{}^sig] STOP"),
        Streamed("row a signed text is not joined", "m[one |two^sig|three]", Joined, "m[one ]", "m[two^sig]", "m[three] STOP"),
        Streamed("row thoughts are joined with thoughts", "m[~hm so|it is]", Joined, "m[~hm ]", "m[~so]", "m[it ]", "m[is] STOP"),
        new("row no finish reason")
        {
            Sends = [new("u[hi]", "m[one ]", "m[two]")],
            Comprehensive = ["u[hi]", "m[one two]"],
            Curated = [],
            Kinds = SendKinds.Stream,
        },
        Valid("row no finish reason, unary", "m[a]", SendKinds.Unary),
        Streamed(
            "row SAFETY in an empty chunk after some text",
            "m[one ]",
            "Python and Go drop the turn for its last chunk; " + TrailingChunk,
            "m[one ]",
            "m[] SAFETY"),
        Valid("row SAFETY with parts", "m[a] SAFETY", SendKinds.Unary),
        Valid("row MAX_TOKENS", "m[a] MAX_TOKENS"),
        new("row no chunks")
        {
            Sends = [new("u[hi]")],
            Comprehensive = ["u[hi]", "m[]"],
            Curated = [],
            Kinds = SendKinds.Stream,
        },
        Valid(
            "row several candidates",
            Candidates("m[a]", "m[b]"),
            SendKinds.Unary,
            recorded: "m[a]"),
        Valid(
            "js a content without a role",
            """{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}""",
            recorded: "m[a]") with
        {
            Departs = "JS replaces it by an empty content: the text is lost.",
        },
        new("row HTTP error before the first chunk") { Sends = [new("u[hi]", "!503")], Comprehensive = [], Curated = [] },
        new("row error in mid-stream")
        {
            Sends = [new("u[hi]", "m[one ]", "m[two]", "!error")],
            Comprehensive = ["u[hi]", "m[one two]"],
            Curated = [],
            Kinds = SendKinds.Stream,
            Departs = "The SDKs lose what had come: here it stays in the comprehensive history.",
        },
        new("row connection lost in mid-stream")
        {
            Sends = [new("u[hi]", "m[one ]", "!cut")],
            Comprehensive = ["u[hi]", "m[one ]"],
            Curated = [],
            Kinds = SendKinds.Stream,
            Departs = "As with an error in mid-stream.",
        },
    ];

    private static string Candidates(params string[] contents) =>
        $$"""{"candidates":[{{string.Join(',', contents.Select((c, i) => $$"""{"index":{{i}},"content":{{Notation.ToJson(c)}}}"""))}}]}""";

    // Said and sent again as it came.
    private static Scenario Valid(string source, string answer, SendKinds kinds = SendKinds.Both, string? recorded = null)
    {
        string[] contents = ["u[hi]", recorded ?? answer[..(answer.LastIndexOf(']') + 1)]];
        return new(source) { Sends = [new("u[hi]", answer)], Comprehensive = contents, Curated = contents, Kinds = kinds };
    }

    // Recorded, and not sent again.
    private static Scenario Invalid(string source, string answer, string recorded = "m[]") =>
        new(source) { Sends = [new("u[hi]", answer)], Comprehensive = ["u[hi]", recorded], Curated = [] };

    // Several chunks, recorded as one content.
    private static Scenario Streamed(string source, string recorded, string departs, params string[] chunks) => new(source)
    {
        Sends = [new("u[hi]", chunks)],
        Comprehensive = ["u[hi]", recorded],
        Curated = ["u[hi]", recorded],
        Kinds = SendKinds.Stream,
        Departs = departs,
    };
}
