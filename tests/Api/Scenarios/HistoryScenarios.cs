namespace GenAI.Chats.Api.Tests.Scenarios;

/// <summary>Chats that are created with a history. All of it is in the comprehensive history.</summary>
internal static class HistoryScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Kept("python history_start_with_valid_model_content", "m[a]", "u[b]"),
        Of("python history_start_with_invalid_model_content", ["m[]", "u[b]"], ["u[b]"]),
        Kept("python consecutive_valid_user_inputs", "u[a]", "u[b]"),
        Kept("python valid_and_invalid_user_inputs", "u[a]", "u[]", "u[b]"),
        Kept("python consecutive_valid_model_outputs", "m[a]", "m[b]"),
        Of("python valid_and_invalid_model_output", ["m[a]", "m[]", "m[b]"], []),
        Kept("python end_with_user_input", "u[a]", "m[b]", "u[c]"),
        Kept("python chat_create", "u[a]", "m[b]", "m[c]", "m[d]", "m[e]"),
        Of("python create_with_history_dict", ["u[a]", "m[call:f#1]"], []) with { Departs = Scenario.OpenCall },
        Of("python history_with_invalid_turns", ["u[a]", "m[b]", "m[c]", "u[d]", "m[]"], ["u[a]", "m[b]", "m[c]"]),
        Kept("js curated: no history"),
        Kept("js curated: one turn", "u[a]", "m[b]"),
        Of("js curated: two users, then an invalid model", ["u[a]", "u[b]", "m[{}]"], ["u[a]"]),
        Of("js curated: a run of models, one invalid", ["m[a]", "m[{}]", "m[b]"], []),
        Kept("js curated: model alone", "m[a]"),
        Kept("js curated: user alone", "u[a]"),
        Kept("js curated: an empty text is valid", "u[a]", "m[\"\"]"),
        Of("js curated: one of a content's parts is empty", ["u[a]", "m[b|{}]"], []),
        Kept("js empty text thoughts are kept", "u[a]", "m[~\"\"|b]"),
        Of(
            "go ExtractCuratedHistory: invalid between valid",
            ["u[a]", "m[b]", "u[c]", "m[]", "u[d]", "m[e]"],
            ["u[a]", "m[b]", "u[d]", "m[e]"]),
        Of("go ExtractCuratedHistory: valid after invalid", ["u[a]", "m[{}]", "u[b]", "m[c]"], ["u[b]", "m[c]"]),
        Of("go ExtractCuratedHistory: starts with an invalid model", ["m[]", "u[a]", "m[b]"], ["u[a]", "m[b]"]),
        Kept("go ExtractCuratedHistory: consecutive users", "u[a]", "u[b]", "m[c]"),
        Of("go ExtractCuratedHistory: consecutive models, the last invalid", ["u[a]", "m[b]", "m[]"], []),
        Of("go ChatsHistoryWithInvalidTurns", ["u[a]", "m[b]", "u[c]", "m[]"], ["u[a]", "m[b]"]),
        Kept("go ValidateContent: an empty text", "u[a]", "m[\"\"]") with
        {
            Departs = "Go takes an empty text for invalid; python and JS do not, and Gemini 3 ends its streams with one.",
        },
        Kept("go ValidateContent: a signature alone", "u[a]", "m[b|{}^sig]") with
        {
            Departs = "Go does not count it as content; python and JS do, and the model wants its signature back.",
        },
        Kept("java: a history is given", "u[a]", "m[b]") with
        {
            Departs = "Java has no parameter for it; the other SDKs do.",
        },
    ];

    private static Scenario Of(string source, string[] history, string[] curated) =>
        new(source) { History = history, Comprehensive = history, Curated = curated };

    private static Scenario Kept(string source, params string[] history) => Of(source, history, history);
}
