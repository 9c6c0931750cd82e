using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Simulation.Trees;

/// <summary>Clients of several chats that try again until they are answered, and hold each answer against what the chats must be.</summary>
internal sealed class TreeClients(Simulator simulator, SimulatedServers servers, PlainChats plain, PlainViews views)
{
    private readonly SimulatedScheduler _scheduler = new(simulator, server: null);

    public List<TreeRequest> Requests { get; } = [];

    /// <summary>What went wrong in a way that it never may.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>The requests that haven't been answered.</summary>
    public List<TreeRequest> Waiting { get; } = [];

    /// <summary>Makes a request.</summary>
    public void Make(TreeRequest request)
    {
        Requests.Add(request);
        plain.Expect(request.ChatId, request.RequestId, request.Message);
        Retry(request);
    }

    /// <summary>Makes a request that was made before.</summary>
    public void Retry(TreeRequest request) => Start(request, request.CallAsync, turnId =>
    {
        if (turnId.Length > 0)
        {
            request.TurnIds.Add(turnId);
        }
    });

    public void Cancel(string chatId, string turnId) => Start(
        new TreeRequest(chatId, "cancel", new CancelTurnRequest { TurnId = turnId }),
        session => session.CancelTurnAsync(turnId, CancellationToken.None),
        turn =>
        {
            Require(turn.State > Turn.Types.State.Running, $"A canceled turn has not ended: {turn}");
            Require(plain.Turns.Values.Any(t => t.TurnId == turnId && (Turn.Types.State)t.State == turn.State), $"A canceled turn has another state: {turn}");
        });

    public void ReadChat(string chatId) =>
        Read(chatId, new GetChatRequest(), async session => PlainView.Of(await session.GetAsync(CancellationToken.None)), view => view.Chat);

    public void ReadHistory(string chatId, bool curated) => Read(
        chatId,
        new GetHistoryRequest(),
        async session => Messages.Line((await session.GetHistoryAsync(new GetHistoryRequest { Curated = curated }, CancellationToken.None)).History),
        view => curated ? view.Curated : view.History);

    public void ReadTurns(string chatId, bool allBranches)
    {
        var request = new ListTurnsRequest { AllBranches = allBranches, View = TurnView.Full, PageSize = 1000 };
        Read(
            chatId,
            request,
            async session => PlainView.Of((await session.ListTurnsAsync(request, CancellationToken.None)).Turns),
            view => allBranches ? view.AllTurns : view.Turns);
    }

    /// <summary>Reads the history of a turn that exists, which never changes.</summary>
    public void ReadBranch(string chatId, long revision, bool curated)
    {
        var path = plain.Find(chatId)!.At(revision);
        var expected = Messages.Line(curated ? path.Curated : path.All);
        var request = new GetHistoryRequest { Curated = curated, Revision = revision };
        var before = views.Now(chatId);
        Start(
            new TreeRequest(chatId, "read", request),
            session => session.GetHistoryAsync(request, CancellationToken.None),
            history => Require(
                Messages.Line(history.History) == expected || !views.IsSame(chatId, before),
                $"The history of turn {revision} of {chatId} is '{Messages.Line(history.History)}' instead of '{expected}'."));
    }

    /// <summary>Reads a turn, and all its events if it has ended.</summary>
    public void ReadTurn(string chatId, string turnId)
    {
        var ended = plain.Find(chatId)?.Turns.GetValueOrDefault(turnId) is { IsPending: false } turn ? turn : null;
        var request = new TreeRequest(chatId, "read", new GetTurnRequest { TurnId = turnId });
        Start(
            request,
            session => session.GetTurnAsync(turnId, CancellationToken.None),
            read => Require(
                ended is null || (read.Revision, (TurnState)read.State, Messages.Line(read.Output)) == (ended.Revision, ended.State, Messages.Line(ended.Outcome!.Contents)),
                $"A turn of {chatId} is {read}."));
        if (ended is not null)
        {
            Start(
                request,
                session => session.ReadTurnAsync(turnId, 0),
                events => Require(
                    !events.Ended || events.Decode().Last().Ended.Revision == ended.Revision, $"The events of a turn of {chatId} end with {events.Decode().LastOrDefault()}."));
        }
    }

    private void Read(string chatId, Google.Protobuf.IMessage message, Func<ChatSession, Task<string>> read, Func<PlainView, string> expected)
    {
        var start = simulator.Steps;
        Start(new TreeRequest(chatId, "read", message), read, found => Require(
            views.Since(chatId, start).Any(view => view is not null && expected(view) == found),
            $"{chatId} was never:\n{found}\nbut:\n{string.Join("\n--\n", views.Since(chatId, start).Select(view => view is null ? "none" : expected(view)))}"));
    }

    private void Start<T>(TreeRequest request, Func<ChatSession, Task<T>> call, Action<T> check)
    {
        Waiting.Add(request);
        var (start, accepted) = (simulator.Steps, plain.Find(request.ChatId)?.Accepted ?? 0);
        var answers = new PlainAnswers(plain, views, request, start, accepted);
        _scheduler.Post(async () =>
        {
            try
            {
                var answer = await CallAsync(request.ChatId, call);
                check(answer);
                answers.CheckDone(answer as string ?? "", Require);
            }
            catch (ChatException refusal)
            {
                Require(answers.MayBe(refusal), $"{request} was rejected: {refusal.Reason} {refusal.Message}");
            }
            catch (Exception failure)
            {
                Failures.Add($"{request}: {failure}");
            }

            Waiting.Remove(request);
        });
    }

    private async Task<T> CallAsync<T>(string chatId, Func<ChatSession, Task<T>> call)
    {
        while (true)
        {
            try
            {
                return await servers.Activation(new ChatKey(ChatWorld.Tenant, chatId)).CallAsync(call);
            }
            catch (Exception failure) when (failure is ChatConflictException or ServerDiedException or ChatException { Code: Code.Unavailable })
            {
                await simulator.PauseAsync();
            }
        }
    }

    private void Require(bool condition, string message)
    {
        if (!condition)
        {
            Failures.Add(message);
        }
    }
}
