using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Tests.Support;

/// <summary>A session on a scheduler of its own, as a grain has one, and what it asks of its host.</summary>
internal sealed class TestSession : ISessionHost
{
    private readonly IChatSession _session;
    private readonly TaskFactory _scheduler;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TestSession(ChatKey key, ChatSessionFactory sessions, TaskScheduler? scheduler = null)
    {
        _scheduler = new TaskFactory(scheduler ?? new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
        _session = sessions.Create(key, this);
    }

    /// <summary>Completes when the session wants its activation to end.</summary>
    public Task Ended => _ended.Task.WaitAsync(Patience.Limit);

    /// <summary>Whether it does.</summary>
    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>Whether the activation must not be collected now.</summary>
    public bool IsKeptActive { get; private set; }

    /// <summary>Whether the cluster has another server.</summary>
    public bool CanMove { get; set; }

    /// <summary>Whether the activation was sent to another server.</summary>
    public bool HasMoved { get; private set; }

    public bool Exists => _session.Exists;

    public Task<T> CallAsync<T>(Func<IChatSession, Task<T>> call) => _scheduler.StartNew(() => call(_session)).Unwrap().WaitAsync(Patience.Limit);

    public Task<AcceptedTurn> SendAsync(
        string text, string requestId = "", BusyPolicy onBusy = BusyPolicy.Unspecified, long? expectedRevision = null) =>
        SendAsync(Messages.Send(text, requestId, onBusy, expectedRevision));

    /// <summary>Sends; without the events that were ready, so that a retry's answer can be compared.</summary>
    public async Task<AcceptedTurn> SendAsync(SendMessageRequest request, bool stream = true)
    {
        var accepted = await CallAsync(s => s.SendAsync(request, stream));
        return new AcceptedTurn(accepted.TurnId, accepted.RequestId);
    }

    public Task<AcceptedTurn> RecordAsync(RecordHistoryRequest request) => CallAsync(s => s.RecordAsync(request));

    public Task<TurnEvents> ReadOnceAsync(string turnId, long afterOffset = 0) => CallAsync(s => s.ReadTurnAsync(turnId, afterOffset));

    /// <summary>Reads a turn's events to its last one, one or more at a time.</summary>
    public async Task<List<TurnEvent>> ReadToEndAsync(string turnId, long afterOffset = 0)
    {
        var all = new List<TurnEvent>();
        while (true)
        {
            var events = await ReadOnceAsync(turnId, afterOffset);
            all.AddRange(events.Decode());
            if (events.Ended)
            {
                return all;
            }

            afterOffset = all.Count > 0 ? all[^1].Offset : afterOffset;
        }
    }

    /// <summary>Waits for a turn's end, and returns it.</summary>
    public async Task<Turn> EndOfAsync(string turnId) => (await ReadToEndAsync(turnId))[^1].Ended;

    public Task<Turn> GetTurnAsync(string turnId) => CallAsync(s => s.GetTurnAsync(turnId, CancellationToken.None));

    public Task<Turn> GetRequestedTurnAsync(string requestId) => CallAsync(s => s.GetRequestedTurnAsync(requestId, CancellationToken.None));

    public Task<Turn> CancelAsync(string turnId) => CallAsync(s => s.CancelTurnAsync(turnId, CancellationToken.None));

    public Task<Chat> GetAsync() => CallAsync(s => s.GetAsync(CancellationToken.None));

    public Task<Chat> CreateAsync(CreateChatRequest request) => CallAsync(s => s.CreateAsync(request));

    public Task<Chat> RewindAsync(RewindChatRequest request) => CallAsync(s => s.RewindAsync(request, CancellationToken.None));

    public Task<Chat> RewindAsync(long revision, string requestId = "", BusyPolicy onBusy = BusyPolicy.Unspecified, bool erase = false) =>
        RewindAsync(new RewindChatRequest { Revision = revision, RequestId = requestId, OnBusy = onBusy, Erase = erase });

    public Task<Chat> ForkAsync(ForkChatRequest request, ChatKey source) => CallAsync(s => s.ForkAsync(request, source));

    /// <summary>All recorded turns, a few per page.</summary>
    public async Task<List<Turn>> ListTurnsAsync(ListTurnsRequest request)
    {
        var turns = new List<Turn>();
        request.PageSize = request.PageSize == 0 ? 2 : request.PageSize;
        do
        {
            var page = await CallAsync(s => s.ListTurnsAsync(request, CancellationToken.None));
            turns.AddRange(page.Turns);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return turns;
    }

    public Task<Chat> UpdateAsync(UpdateChatRequest request) => CallAsync(s => s.UpdateAsync(request));

    public Task<bool> DeleteAsync(string requestId = "") =>
        CallAsync(s => s.DeleteAsync(requestId.Length > 0 ? requestId : Guid.NewGuid().ToString("N")));

    /// <summary>The history in few words: see <see cref="Messages.Line(IEnumerable{Content})"/>.</summary>
    public Task<string> HistoryAsync(bool curated = false) => HistoryAsync(new GetHistoryRequest { Curated = curated });

    public async Task<string> HistoryAsync(GetHistoryRequest request) =>
        Messages.Line((await CallAsync(s => s.GetHistoryAsync(request, CancellationToken.None))).History);

    public Task<bool> WakeAsync() => CallAsync(s => s.WakeAsync());

    public Task CloseAsync() => CallAsync(s =>
    {
        s.Close();
        return Task.FromResult(true);
    });

    /// <summary>Waits until everything that was queued on the session's scheduler before has run.</summary>
    public Task SettleAsync() => CallAsync(_ => Task.FromResult(true));

    void ISessionHost.KeepActive() => IsKeptActive = true;

    void ISessionHost.AllowIdle() => IsKeptActive = false;

    bool ISessionHost.TryMove() => HasMoved = CanMove;

    void ISessionHost.Deactivate() => _ended.TrySetResult();
}
