using System.Globalization;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Turns;
using GenAI.Chats.Api.Watching;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Watching;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Api.Tests.Watching;

/// <summary>A chat in which what a test says happens, and a front door with its watchers. Its tokens are the numbers of its events.</summary>
internal sealed class ScriptedChat
{
    private const int EventsPerCall = 20;

    private readonly List<ChatEvent> _events = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _failure;
    private bool _isOver;

    public ScriptedChat()
    {
        var chats = new ChatCaller(ScriptedGrains.OfCalls((_, args) => new ValueTask<WatchEvents>(WatchAsync((WatchChatRequest)args[0]!, (bool)args[1]!))), Time);
        Watcher = new ChatWatcher(chats, new ChatFeeds(chats, Server, Time), Server, Time);
    }

    public ManualTimeProvider Time { get; } = new();

    public ServerState Server { get; } = new();

    public ChatWatcher Watcher { get; }

    /// <summary>The number of calls so far that weren't the first ones of watchers.</summary>
    public int Calls { get; private set; }

    /// <summary>The number of calls that wait.</summary>
    public int Waiting { get; private set; }

    /// <summary>Whether watchers that begin have positions that the feed doesn't come to.</summary>
    public bool Diverges { get; set; }

    /// <summary>Lets something happen.</summary>
    public void Happen(int count = 1, int bytes = 10)
    {
        lock (_events)
        {
            for (var i = 0; i < count; i++)
            {
                _events.Add(new ChatEvent { Accepted = new Turn { TurnId = $"{_events.Count + 1}", Message = new Content { Parts = { new Part { Text = new string('x', bytes) } } } } });
            }
        }

        Wake();
    }

    /// <summary>Lets the chat be deleted.</summary>
    public void Delete()
    {
        lock (_events)
        {
            _events.Add(new ChatEvent { Deleted = new Empty() });
            _isOver = true;
        }

        Wake();
    }

    /// <summary>Lets calls fail, or not anymore.</summary>
    public void Fail(Exception? failure)
    {
        _failure = failure;
        Wake();
    }

    /// <summary>Lets time pass, and the calls that wait end.</summary>
    public void Pass(TimeSpan time)
    {
        Time.Advance(time);
        Wake();
    }

    /// <summary>Begins to watch.</summary>
    public IAsyncEnumerator<byte[][]> Watch(WatchChatRequest.Types.Detail detail = default, CancellationToken cancellationToken = default) =>
        Watcher.ReadAsync("default/chat", new WatchChatRequest { Detail = detail }, cancellationToken).GetAsyncEnumerator(cancellationToken);

    /// <summary>Waits until as many calls wait.</summary>
    public async Task WaitingAsync(int count)
    {
        while (Waiting < count)
        {
            await Task.Yield();
        }
    }

    private void Wake()
    {
        lock (_events)
        {
            Waiting = 0;
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async Task<WatchEvents> WatchAsync(WatchChatRequest request, bool isFirst)
    {
        Task changed;
        int from;
        var suffix = Diverges && (isFirst || request.Token.EndsWith('!')) ? "!" : "";
        lock (_events)
        {
            Calls += isFirst ? 0 : 1;
            from = request.Token.Length > 0 ? int.Parse(request.Token.TrimEnd('!'), CultureInfo.InvariantCulture) : _events.Count;
            if (isFirst)
            {
                return Reply([new ChatEvent { Chat = new Chat { Revision = from } }], from, suffix);
            }

            var waits = from == _events.Count && _failure is null;
            Waiting += waits ? 1 : 0;
            changed = waits ? _changed.Task : Task.CompletedTask;
        }

        await changed;

        lock (_events)
        {
            return _failure is { } failure ? throw failure : Reply(_events.Skip(from).Take(EventsPerCall), from, suffix);
        }
    }

    private WatchEvents Reply(IEnumerable<ChatEvent> events, int from, string suffix)
    {
        var bytes = new List<byte[]>();
        foreach (var next in events)
        {
            from += next.Chat is null ? 1 : 0;
            var copy = next.Clone();
            copy.Token = $"{from}{suffix}";
            bytes.Add(ChatEventBytes.Of(copy));
        }

        return new WatchEvents([.. bytes], $"{from}{suffix}", from == _events.Count, _isOver && from == _events.Count);
    }
}
