namespace GenAI.Chats.Api.Tests.Scenarios;

/// <summary>Chats that are created with a history.</summary>
internal static class HistoryScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("python history_start_with_valid_model_content") { History = ["m[a]", "u[b]"], Comprehensive = ["m[a]", "u[b]"], Curated = ["m[a]", "u[b]"] },
        new("python history_start_with_invalid_model_content") { History = ["m[]", "u[b]"], Comprehensive = ["m[]", "u[b]"], Curated = ["u[b]"] },
        new("python consecutive_valid_user_inputs") { History = ["u[a]", "u[b]"], Comprehensive = ["u[a]", "u[b]"], Curated = ["u[a]", "u[b]"] },
        new("python valid_and_invalid_user_inputs")
        {
            History = ["u[a]", "u[]", "u[b]"],
            Comprehensive = ["u[a]", "u[]", "u[b]"],
            Curated = ["u[a]", "u[]", "u[b]"],
        },
        new("python consecutive_valid_model_outputs") { History = ["m[a]", "m[b]"], Comprehensive = ["m[a]", "m[b]"], Curated = ["m[a]", "m[b]"] },
        new("python valid_and_invalid_model_output") { History = ["m[a]", "m[]", "m[b]"], Comprehensive = ["m[a]", "m[]", "m[b]"], Curated = [] },
        new("python end_with_user_input")
        {
            History = ["u[a]", "m[b]", "u[c]"],
            Comprehensive = ["u[a]", "m[b]", "u[c]"],
            Curated = ["u[a]", "m[b]", "u[c]"],
        },
        new("python chat_create")
        {
            History = ["u[a]", "m[b]", "m[c]", "m[d]", "m[e]"],
            Comprehensive = ["u[a]", "m[b]", "m[c]", "m[d]", "m[e]"],
            Curated = ["u[a]", "m[b]", "m[c]", "m[d]", "m[e]"],
        },
        new("python create_with_history_dict") { History = ["u[a]", "m[call:f#1]"], Comprehensive = ["u[a]", "m[call:f#1]"], Curated = ["u[a]", "m[call:f#1]"] },
        new("python history_with_invalid_turns")
        {
            History = ["u[a]", "m[b]", "m[c]", "u[d]", "m[]"],
            Comprehensive = ["u[a]", "m[b]", "m[c]", "u[d]", "m[]"],
            Curated = ["u[a]", "m[b]", "m[c]"],
        },
        new("js curated: no history") { History = [], Comprehensive = [], Curated = [] },
        new("js curated: one turn") { History = ["u[a]", "m[b]"], Comprehensive = ["u[a]", "m[b]"], Curated = ["u[a]", "m[b]"] },
        new("js curated: two users, then an invalid model")
        {
            History = ["u[a]", "u[b]", "m[{}]"],
            Comprehensive = ["u[a]", "u[b]", "m[{}]"],
            Curated = ["u[a]"],
        },
        new("js curated: a run of models, one invalid") { History = ["m[a]", "m[{}]", "m[b]"], Comprehensive = ["m[a]", "m[{}]", "m[b]"], Curated = [] },
        new("js curated: model alone") { History = ["m[a]"], Comprehensive = ["m[a]"], Curated = ["m[a]"] },
        new("js curated: user alone") { History = ["u[a]"], Comprehensive = ["u[a]"], Curated = ["u[a]"] },
        new("js curated: an empty text is valid") { History = ["u[a]", "m[\"\"]"], Comprehensive = ["u[a]", "m[\"\"]"], Curated = ["u[a]", "m[\"\"]"] },
        new("js curated: one of a content's parts is empty") { History = ["u[a]", "m[b|{}]"], Comprehensive = ["u[a]", "m[b|{}]"], Curated = [] },
        new("js empty text thoughts are kept")
        {
            History = ["u[a]", "m[~\"\"|b]"],
            Comprehensive = ["u[a]", "m[~\"\"|b]"],
            Curated = ["u[a]", "m[~\"\"|b]"],
        },
        new("go ExtractCuratedHistory: invalid between valid")
        {
            History = ["u[a]", "m[b]", "u[c]", "m[]", "u[d]", "m[e]"],
            Comprehensive = ["u[a]", "m[b]", "u[c]", "m[]", "u[d]", "m[e]"],
            Curated = ["u[a]", "m[b]", "u[d]", "m[e]"],
        },
        new("go ExtractCuratedHistory: valid after invalid")
        {
            History = ["u[a]", "m[{}]", "u[b]", "m[c]"],
            Comprehensive = ["u[a]", "m[{}]", "u[b]", "m[c]"],
            Curated = ["u[b]", "m[c]"],
        },
        new("go ExtractCuratedHistory: starts with an invalid model")
        {
            History = ["m[]", "u[a]", "m[b]"],
            Comprehensive = ["m[]", "u[a]", "m[b]"],
            Curated = ["u[a]", "m[b]"],
        },
        new("go ExtractCuratedHistory: consecutive users") { History = ["u[a]", "u[b]", "m[c]"], Comprehensive = ["u[a]", "u[b]", "m[c]"], Curated = ["u[a]", "u[b]", "m[c]"] },
        new("go ExtractCuratedHistory: consecutive models, the last invalid")
        {
            History = ["u[a]", "m[b]", "m[]"],
            Comprehensive = ["u[a]", "m[b]", "m[]"],
            Curated = [],
        },
        new("go ChatsHistoryWithInvalidTurns")
        {
            History = ["u[a]", "m[b]", "u[c]", "m[]"],
            Comprehensive = ["u[a]", "m[b]", "u[c]", "m[]"],
            Curated = ["u[a]", "m[b]"],
        },
        new("go ValidateContent: an empty text")
        {
            History = ["u[a]", "m[\"\"]"],
            Comprehensive = ["u[a]", "m[\"\"]"],
            Curated = ["u[a]", "m[\"\"]"],
            Departs = "Go takes an empty text for invalid; python and JS do not, and Gemini 3 ends its streams with one.",
        },
        new("go ValidateContent: a signature alone")
        {
            History = ["u[a]", "m[b|{}^sig]"],
            Comprehensive = ["u[a]", "m[b|{}^sig]"],
            Curated = ["u[a]", "m[b|{}^sig]"],
            Departs = "Go does not count it as content; python and JS do, and the model wants its signature back.",
        },
        new("java: a history is given")
        {
            History = ["u[a]", "m[b]"],
            Comprehensive = ["u[a]", "m[b]"],
            Curated = ["u[a]", "m[b]"],
            Departs = "Java has no parameter for it; the other SDKs do.",
        },
    ];
}
