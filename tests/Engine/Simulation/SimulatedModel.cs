using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using GenAI.Chats.Models;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Simulation;

/// <summary>A model that answers as it likes, with texts that occur once and calls of functions, and keeps what it was sent and said.</summary>
internal sealed class SimulatedModel(Simulator simulator) : IChatModel, IChatModels
{
    /// <summary>All calls.</summary>
    public List<SimulatedCall> Calls { get; } = [];

    /// <summary>Raised when the model has read the history for a call.</summary>
    public event Action<SimulatedCall>? Called;

    public bool TryResolve(string name, [NotNullWhen(true)] out IChatModel? model)
    {
        model = this;
        return true;
    }

    public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
        ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var random = simulator.Random;
        var history = await request.ReadHistoryAsync(cancellationToken);
        var call = new SimulatedCall(request.ConversationId!, request.Model, Messages.Line([.. history, .. request.Contents]));
        Calls.Add(call);
        Called?.Invoke(call);
        var chunks = random.Next(0, 4);
        for (var i = 0; i < chunks; i++)
        {
            await simulator.PauseAsync(cancellationToken);
            var text = $"c{Calls.IndexOf(call)}.{i}";
            call.Said.Add(text);
            yield return Messages.Chunk(text, i == chunks - 1 && random.Next(5) > 0 ? "STOP" : "");
        }

        if (random.Next(2) == 0)
        {
            await simulator.PauseAsync(cancellationToken);
            var parts = RandomCalls();
            call.Said.AddRange(parts.Select(Messages.Text));
            yield return Messages.Parts("STOP", parts);
        }

        await simulator.PauseAsync(cancellationToken);
        if (random.Next(10) == 0)
        {
            throw new ModelException(Code.Unavailable, ModelErrorReasons.Unavailable, "The simulated model fails.");
        }
    }

    // One or two, of the tool or of the client, with ids or without.
    private Part[] RandomCalls()
    {
        var random = simulator.Random;
        return [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Messages.Call(
            random.Next(3) == 0 ? SimulatedTool.ClientsName : SimulatedTool.Name, random.Next(2) == 0 ? $"k{random.Next(1000)}" : null))];
    }
}

/// <summary>One call of the model.</summary>
/// <param name="ChatId">The chat.</param>
/// <param name="Model">The name of the model.</param>
/// <param name="Sent">The history and the message.</param>
internal sealed record SimulatedCall(string ChatId, string Model, string Sent)
{
    /// <summary>The texts of the chunks.</summary>
    public List<string> Said { get; } = [];
}
