namespace GenAI.Chats.Api.Tests.Scenarios;

/// <summary>Several sends, functions, and errors between.</summary>
internal static class ConversationScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Kept("js append", ["u[a]", "m[b]"], [new("u[c]", "m[d] STOP")]),
        Kept("java multiTurn", [], [new("u[1]", "m[a] STOP"), new("u[2]", "m[b] STOP")]),
        new("java iterate stream: three chunks, then two")
        {
            Sends = [new("u[1]", "m[a ]", "m[b ]", "m[c] STOP"), new("u[2]", "m[d ]", "m[e] STOP")],
            Comprehensive = ["u[1]", "m[a b c]", "u[2]", "m[d e]"],
            Curated = ["u[1]", "m[a b c]", "u[2]", "m[d e]"],
            Kinds = SendKinds.Stream,
            Departs = "Java's newer AsyncChat, as python, JS and Go, keeps each chunk as a content of its own; the older one merged.",
        },
        new("js invalid responses are not sent again")
        {
            Sends = [new("u[1]", "{}"), new("u[2]", "m[a] STOP"), new("u[3]", """{"candidates":[]}""")],
            Comprehensive = ["u[1]", "m[]", "u[2]", "m[a]", "u[3]", "m[]"],
            Curated = ["u[2]", "m[a]"],
        },
        new("js errors should not persist")
        {
            Sends = [new("u[1]", "!500"), new("u[2]", "m[a] STOP")],
            Comprehensive = ["u[2]", "m[a]"],
            Curated = ["u[2]", "m[a]"],
        },
        new("js (system) stream with error")
        {
            Sends = [new("u[1]", "!404"), new("u[2]", "m[a] STOP")],
            Comprehensive = ["u[2]", "m[a]"],
            Curated = ["u[2]", "m[a]"],
        },
        new("an error in mid-stream, then a good turn")
        {
            Sends = [new("u[1]", "m[one ]", "!error"), new("u[2]", "m[a] STOP")],
            Comprehensive = ["u[1]", "m[one ]", "u[2]", "m[a]"],
            Curated = ["u[2]", "m[a]"],
            Kinds = SendKinds.Stream,
            Departs = "The SDKs lose what had come.",
        },
        Kept("python afc_disabled: the caller gets the call", [], [new("u[hi]", "m[call:f#1] STOP")]) with
        {
            Curated = [],
            Departs = Scenario.OpenCall,
        },
        Kept("python with_afc_history", [], [new("u[hi]", "m[call:f#1] STOP"), new("u[reply:f#1]", "m[51] STOP")]) with
        {
            Departs = "Python runs the function and sends again by itself; here the client does. The contents are the same.",
        },
        Kept(
            "python afc_multiple_remote_calls",
            [],
            [
                new("u[hi]", "m[call:f#1|call:f#2|call:f#3] STOP"),
                new("u[reply:f#1|reply:f#2|reply:f#3]", "m[call:f#4|call:g#5] STOP"),
                new("u[reply:f#4|reply:g#5]", "m[done] STOP"),
            ]) with
        {
            Departs = "Python runs the functions by itself.",
        },
        Kept("python existing_chat_history_extends_afc_history", ["u[a]", "m[b]"], [
            new("u[c]", "m[call:f#1] STOP"),
            new("u[reply:f#1]", "m[d] STOP"),
            new("u[e]", "m[f] STOP"),
        ]) with
        {
            Departs = "Python runs the function by itself.",
        },
        new("python stream_function_calling: calls in chunks of their own")
        {
            Sends =
            [
                new("u[hi]", "m[call:f#1^sig]", "m[call:g#2]", "m[call:h#3] STOP"),
                new("u[reply:f#1|reply:g#2|reply:h#3]", "m[ok] STOP"),
            ],
            Comprehensive = ["u[hi]", "m[call:f#1^sig|call:g#2|call:h#3]", "u[reply:f#1|reply:g#2|reply:h#3]", "m[ok]"],
            Curated = ["u[hi]", "m[call:f#1^sig|call:g#2|call:h#3]", "u[reply:f#1|reply:g#2|reply:h#3]", "m[ok]"],
            Kinds = SendKinds.Stream,
            Departs = "The SDKs keep three contents of the model; joined here, so that the responses follow one turn with as many calls.",
        },
        new("python stream AFC disabled, Gemini 3.1: a trailing empty text")
        {
            Sends = [new("u[hi]", "m[call:f#1]", "m[\"\"] STOP")],
            Comprehensive = ["u[hi]", "m[call:f#1|\"\"]"],
            Curated = [],
            Kinds = SendKinds.Stream,
            Departs = "The SDKs keep two contents of the model; joined here. " + Scenario.OpenCall,
        },
        new("python AFC defect: the last answer is empty")
        {
            Sends = [new("u[hi]", "m[call:f#1] STOP"), new("u[reply:f#1]", "m[] STOP")],
            Comprehensive = ["u[hi]", "m[call:f#1]", "u[reply:f#1]", "m[]"],
            Curated = [],
            Departs = "Python leaves the call without its response in curated history. " + Scenario.OpenCall,
        },
        Kept("python thinking_budget", [], [new("u[hi]", "m[~because|so] STOP")]),
        Kept(
            "thoughts and signatures are sent again as they came",
            [],
            [new("u[hi]", "m[~hm^sig-_/+=|a^s2|b] STOP"), new("u[go]", "m[c] STOP")]),
    ];

    // Everything that is said, on both sides, is in both histories.
    private static Scenario Kept(string source, string[] history, Exchange[] sends)
    {
        string[] contents = [.. history, .. sends.SelectMany(s => (string[])[s.Says, s.Answers[0][..(s.Answers[0].LastIndexOf(']') + 1)]])];
        return new(source) { History = history, Sends = sends, Comprehensive = contents, Curated = contents };
    }
}
