using GenAI.Chats.Engine.Tools;

namespace GenAI.Chats.Engine.Turns;

/// <summary>
/// Runs the calls of server-side tools between the answers of a turn's model. Each step is stored before the next one: the answer before its calls run,
/// a call's result before anything else is done. An attempt that starts over continues after the last stored step.
/// </summary>
/// <param name="key">The chat.</param>
/// <param name="turn">The turn.</param>
/// <param name="tools">The tools that the turn asks for. Null: none.</param>
/// <param name="recorder">Records answers and results.</param>
/// <param name="contents">The contents that the model gets after the history. Answers and results are added.</param>
/// <param name="keep">Stores a step.</param>
internal sealed class ToolRounds(
    ChatKey key, ActiveTurn turn, TurnTools? tools, TurnRecorder recorder, SentContents contents, Func<TurnProgress, Task> keep)
{
    private const string NotRunAgain = "The call was interrupted. Its outcome is unknown and it won't be retried.";

    private int _rounds;
    private int _calls;

    /// <summary>Gets whether function calls wait for responses of the client.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Publishes again what an earlier attempt has stored, and completes the round that it was in.</summary>
    /// <returns>Whether to call the model.</returns>
    public async Task<bool> ResumeAsync(IReadOnlyList<TurnProgress> steps)
    {
        for (var next = 0; next < steps.Count;)
        {
            var answer = steps[next++].Answer;
            foreach (var chunk in ChunkDecoder.Decode(answer.Chunks, [answer.Content]))
            {
                turn.Publish(chunk, recorder);
            }

            var calls = recorder.Calls();
            recorder.EndAnswer();
            var responses = new Part?[calls.Count];
            for (; next < steps.Count && steps[next].Result is { } result; next++)
            {
                responses[result.Call] = result.Response;
            }

            if (next == steps.Count)
            {
                await RunAsync(calls, responses, isAgain: true);
            }

            if (!EndRound(answer.Content, responses))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Runs the calls in the model's answer, if any of them is of a server-side tool.</summary>
    /// <returns>Whether to call the model again.</returns>
    public ValueTask<bool> GoOnAsync()
    {
        var calls = recorder.Calls();
        IsOpen = calls.Count > 0;
        return IsOpen && tools is not null && _rounds < tools.MaxRounds && recorder.IsValid() && calls.Any(c => tools.Find(c) is not null)
            ? new ValueTask<bool>(RunAsync(calls))
            : ValueTask.FromResult(false);
    }

    private async Task<bool> RunAsync(IReadOnlyList<FunctionCall> calls)
    {
        var answer = recorder.EndAnswer();
        await keep(new TurnProgress { Answer = answer });
        var responses = new Part?[calls.Count];
        await RunAsync(calls, responses, isAgain: false);
        return EndRound(answer.Content, responses);
    }

    // Runs the calls in parallel, as the model asked for all of them at once.
    private async Task RunAsync(IReadOnlyList<FunctionCall> calls, Part?[] responses, bool isAgain)
    {
        if (tools is null)
        {
            return;
        }

        using var places = new SemaphoreSlim(tools.MaxConcurrentCalls);
        await Task.WhenAll(Enumerable.Range(0, calls.Count).Where(i => responses[i] is null).Select(async i =>
        {
            if (tools.Find(calls[i]) is { } tool)
            {
                await places.WaitAsync(turn.Stop);
                try
                {
                    var part = await RunAsync(tool, calls[i], _calls + i + 1, isAgain);
                    await keep(new TurnProgress { Result = new TurnProgress.Types.Result { Call = (uint)i, Response = part } });
                    responses[i] = part;
                }
                finally
                {
                    places.Release();
                }
            }
        }));
    }

    private async Task<Part> RunAsync(RegisteredTool tool, FunctionCall call, int number, bool isAgain)
    {
        var toolCall = new ChatToolCall
        {
            Tenant = key.Tenant,
            ChatId = key.ChatId,
            TurnId = turn.Record.TurnId,
            CallId = $"{turn.Record.TurnId}.{number}",
            FunctionCallId = call.Id,
            Name = call.Name,
            Args = call.Args?.Clone() ?? new(),
            ArgsJson = call.ArgsJson?.Clone(),
        };
        var result = isAgain && !tool.Options.RunsAgain ? ToolRunner.Error(NotRunAgain) : await tools!.Runner.RunAsync(tool, toolCall, turn.Stop);
        var response = new FunctionResponse { Name = call.Name, Response = result };
        if (call.HasId)
        {
            response.Id = call.Id;
        }

        return new Part { FunctionResponse = response };
    }

    // Calls of the client's own functions end the turn.
    private bool EndRound(Content answer, Part?[] responses)
    {
        _rounds++;
        _calls += responses.Length;
        contents.Add(answer);
        IsOpen = responses.Contains(null);
        if (responses.Any(r => r is not null))
        {
            var chunk = FunctionCalls.Response(responses.OfType<Part>());
            turn.PublishResponses(chunk, recorder);
            contents.Add(chunk.Candidates[0].Content);
        }

        if (!IsOpen)
        {
            recorder.BeginAnswer();
        }

        return !IsOpen;
    }
}
