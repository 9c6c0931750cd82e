using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tools;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Engine.Tests.Simulation;

/// <summary>A tool of a server: takes its time, fails now and then, and says when it is run though its result is in the store.</summary>
internal sealed class SimulatedTool(Simulator simulator, IChatStore store, string owner) : IChatTool
{
    public const string Name = "t";

    /// <summary>The name of a function that is the clients' to run.</summary>
    public const string ClientsName = "c";

    public FunctionDeclaration Declaration { get; } = new() { Name = Name, Description = "Does what it likes." };

    /// <summary>What went wrong in a way that it never may.</summary>
    public List<string> Failures { get; } = [];

    public async ValueTask<Struct> InvokeAsync(ChatToolCall toolCall, CancellationToken cancellationToken)
    {
        CheckIsNotDone(toolCall);
        await simulator.PauseAsync(cancellationToken);
        return simulator.Random.Next(5) == 0
            ? throw new InvalidOperationException("The simulated tool fails.")
            : TestTool.Output($"{toolCall.CallId} by {owner}");
    }

    // A server that has lost the turn may not know that yet.
    private void CheckIsNotDone(ChatToolCall toolCall)
    {
        var key = new ChatKey(toolCall.Tenant, toolCall.ChatId);
        if (store.FindTurnAsync(key, toolCall.TurnId, CancellationToken.None).Result is not { } turn)
        {
            // The chat was deleted.
            return;
        }

        var calls = 0;
        var before = 0;
        foreach (var step in store.ReadProgressAsync(key, turn.TurnId, CancellationToken.None).Result)
        {
            if (step.Answer is { } answer)
            {
                before = calls;
                calls += answer.Content.Parts.Count(p => p.FunctionCall is not null);
            }
            else if (turn.Owner == owner && toolCall.CallId == $"{toolCall.TurnId}.{before + step.Result.Call + 1}")
            {
                Failures.Add($"{toolCall.CallId} is run again.");
            }
        }

        if (turn.Owner == owner && toolCall.CallId.Split('.')[1] is var number && int.Parse(number, System.Globalization.CultureInfo.InvariantCulture) > calls)
        {
            Failures.Add($"{toolCall.CallId} is run before its call is kept.");
        }
    }
}
