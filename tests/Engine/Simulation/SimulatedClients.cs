using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Simulation;

/// <summary>A send, or a turn to record, of a client.</summary>
internal sealed class SimulatedRequest(int number, BusyPolicy onBusy, bool isRecord, params Part[] responses)
{
    public string Text { get; } = $"u{number}";

    public bool IsRecord { get; } = isRecord;

    public TurnRequest Request { get; } = isRecord
        ? TurnRequest.From(Messages.Record($"u{number}", $"r{number}", $"request-{number}"))
        : TurnRequest.From(
            Messages.Send(Messages.User([.. responses, new Part { Text = $"u{number}" }]), $"request-{number}", onBusy), stream: true);

    /// <summary>When the request was first made.</summary>
    public int MadeAt { get; init; }

    /// <summary>When it was first acknowledged.</summary>
    public int AcceptedAt { get; set; } = int.MaxValue;

    /// <summary>The turns that acknowledgements named, in order: more than one where a failed turn was run anew.</summary>
    public List<string> TurnIds { get; } = [];
}

/// <summary>What a client read of a turn.</summary>
internal sealed record SimulatedReader(string TurnId)
{
    public List<TurnEvent> Events { get; } = [];

    public bool HasEnded { get; set; }
}

/// <summary>Clients that send, record, cancel and read, and try again until they are answered.</summary>
internal sealed class SimulatedClients(Simulator simulator, Func<SimulatedActivation> activation)
{
    private readonly SimulatedScheduler _scheduler = new(simulator, server: null);

    public List<SimulatedRequest> Requests { get; } = [];

    public List<SimulatedReader> Readers { get; } = [];

    /// <summary>What went wrong in a way that it never may.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>How many have not been answered.</summary>
    public int Waiting { get; private set; }

    public void Send(BusyPolicy onBusy) => Make(new SimulatedRequest(Requests.Count, onBusy, isRecord: false) { MadeAt = simulator.Steps });

    /// <summary>Answers function calls.</summary>
    public void Answer(Part[] responses, BusyPolicy onBusy) =>
        Make(new SimulatedRequest(Requests.Count, onBusy, isRecord: false, responses) { MadeAt = simulator.Steps });

    public void Record() => Make(new SimulatedRequest(Requests.Count, BusyPolicy.Unspecified, isRecord: true) { MadeAt = simulator.Steps });

    /// <summary>Makes one of the requests again.</summary>
    public void Retry() => Start(() => AcceptAsync(Requests[simulator.Random.Next(Requests.Count)]));

    public void Cancel() => Start(async () =>
    {
        var turnId = RandomTurn();
        var turn = await CallAsync(s => s.CancelTurnAsync(turnId, CancellationToken.None));
        if (turn.State is Turn.Types.State.Running or Turn.Types.State.Queued)
        {
            Failures.Add($"Cancel returned a turn that has not ended: {turn}");
        }
    });

    public void Read() => Start(async () =>
    {
        var reader = new SimulatedReader(RandomTurn());
        Readers.Add(reader);
        while (!reader.HasEnded)
        {
            var offset = reader.Events.Count > 0 ? reader.Events[^1].Offset : 0;
            var events = await CallAsync(s => s.ReadTurnAsync(reader.TurnId, offset));
            reader.Events.AddRange(events.Decode());
            reader.HasEnded = events.Ended;
        }
    });

    /// <summary>Whether an acknowledgement has named a turn.</summary>
    public bool HasTurns => Requests.Exists(r => r.TurnIds.Count > 0);

    private string RandomTurn()
    {
        var known = Requests.FindAll(r => r.TurnIds.Count > 0);
        return known[simulator.Random.Next(known.Count)].TurnIds[^1];
    }

    private void Make(SimulatedRequest request)
    {
        Requests.Add(request);
        Start(() => AcceptAsync(request));
    }

    private async Task AcceptAsync(SimulatedRequest request)
    {
        var accepted = await CallAsync(s => s.AcceptAsync(request.Request));
        request.AcceptedAt = Math.Min(request.AcceptedAt, simulator.Steps);
        if (!request.TurnIds.Contains(accepted.TurnId))
        {
            request.TurnIds.Add(accepted.TurnId);
        }
    }

    private void Start(Func<Task> client)
    {
        Waiting++;
        _scheduler.Post(async () =>
        {
            try
            {
                await client();
            }
            catch (ChatException refusal) when (refusal.Reason is "CHAT_BUSY" or "QUEUE_FULL" or "FUNCTION_RESPONSE_MISMATCH")
            {
                // Refused: that is an answer.
            }
            catch (Exception failure)
            {
                Failures.Add(failure.ToString());
            }

            Waiting--;
        });
    }

    private async Task<T> CallAsync<T>(Func<ChatSession, Task<T>> call)
    {
        while (true)
        {
            try
            {
                return await activation().CallAsync(call);
            }
            catch (Exception failure) when (failure is ChatConflictException or ServerDiedException or ChatException { Code: Code.Unavailable })
            {
                await simulator.PauseAsync();
            }
        }
    }
}
