namespace GenAI.Chats.Engine.Tools;

/// <summary>The server-side tools that a turn asks for.</summary>
/// <param name="Config">The turn's config with the full declarations of these tools.</param>
/// <param name="Tools">The tools by name.</param>
/// <param name="MaxRounds">After how many answers of the model tools may run.</param>
/// <param name="MaxConcurrentCalls">How many calls of one answer run at once.</param>
/// <param name="Runner">Runs the tools.</param>
internal sealed record TurnTools(
    GenerateContentConfig Config, IReadOnlyDictionary<string, RegisteredTool> Tools, int MaxRounds, int MaxConcurrentCalls, ToolRunner Runner)
{
    /// <summary>Returns the tool that a call is for. Null: it is for the client, as are calls whose arguments come in pieces.</summary>
    public RegisteredTool? Find(FunctionCall call) => call.WillContinue || call.PartialArgs.Count > 0 ? null : Tools.GetValueOrDefault(call.Name);
}
