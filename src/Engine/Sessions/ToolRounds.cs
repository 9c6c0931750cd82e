using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Engine.Tools;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>
/// What a turn does between the answers of its model: runs the calls of the host's tools. Each step is kept before the next one is taken: the answer before its
/// calls are run, what a call returned before anything else is done. An attempt that starts over goes on behind the last step that was kept.
/// </summary>
/// <param name="key">The chat.</param>
/// <param name="turn">The turn.</param>
/// <param name="tools">The tools that it asks for, if it does.</param>
/// <param name="recorder">Gets what is said.</param>
/// <param name="contents">What the model is sent behind the history; it grows by what is said.</param>
/// <param name="runner">Runs the tools.</param>
/// <param name="keep">Keeps a step in the store.</param>
/// <param name="maxConcurrentCalls">How many calls of one answer run at once.</param>
internal sealed class ToolRounds(
    ChatKey key, ActiveTurn turn, TurnTools? tools, TurnRecorder recorder, SentContents contents, ToolRunner runner, Func<TurnProgress, Task> keep, int maxConcurrentCalls)
{
    private const string NotRunAgain = "The call was cut off. Nobody knows whether it was done, and it is not run again.";

    private int _rounds;
    private int _calls;

    /// <summary>Whether function calls wait for responses of the client.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Says again what an earlier attempt has kept, and ends the round that it was in.</summary>
    /// <returns>Whether the model is to be called.</returns>
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

    /// <summary>The model has answered: runs the calls in its answer, if they are the host's to run.</summary>
    /// <returns>Whether the model is to be called again.</returns>
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

    // Together, as the model asked for them together, but not any number at once.
    private async Task RunAsync(IReadOnlyList<FunctionCall> calls, Part?[] responses, bool isAgain)
    {
        using var places = new SemaphoreSlim(maxConcurrentCalls);
        await Task.WhenAll(Enumerable.Range(0, calls.Count).Where(i => responses[i] is null).Select(async i =>
        {
            if (tools?.Find(calls[i]) is { } tool)
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
        var result = isAgain && !tool.Options.RunsAgain ? ToolRunner.Error(NotRunAgain) : await runner.RunAsync(tool, toolCall, turn.Stop);
        var response = new FunctionResponse { Name = call.Name, Response = result };
        if (call.HasId)
        {
            response.Id = call.Id;
        }

        return new Part { FunctionResponse = response };
    }

    // Calls that are the client's keep the turn from going on.
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
