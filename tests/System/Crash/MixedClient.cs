using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>
/// A client that does one thing after the other to a chat, each until it is answered: sends with any policy, cancels, deletes and creates again. It knows what
/// it was told, and holds the chat against that.
/// </summary>
internal sealed class MixedClient(Scene scene, string chatId, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<MixedTurn> _turns = [];
    private TaskCompletionSource _answered = NewSource();
    private int _incarnation;
    private int _requests;

    /// <summary>How many turns were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>How many chats of the name were deleted.</summary>
    public int Deleted { get; private set; }

    private string Name => $"chats/{chatId}";

    /// <summary>Waits until something that is under way is answered.</summary>
    public Task AnsweredAsync() => Volatile.Read(ref _answered).Task.WaitAsync(TimeLimit.Token);

    /// <summary>Goes on until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await CreateAsync();
        while (!stop.IsCancellationRequested)
        {
            switch (_random.Next(12))
            {
                case < 5:
                    await SendAsync(BusyPolicy.Enqueue);
                    break;
                case < 7:
                    await SendAsync(BusyPolicy.Interrupt);
                    break;
                case < 9:
                    await SendAsync(BusyPolicy.Rollback);
                    break;
                case < 11 when _turns.Count > 0:
                    await CancelAsync(_turns[_random.Next(_turns.Count)]);
                    break;
                default:
                    await DeleteAsync();
                    await CreateAsync();
                    break;
            }

            Interlocked.Exchange(ref _answered, NewSource()).SetResult();
            await Task.Delay(_random.Next(60), CancellationToken.None);
        }
    }

    /// <summary>Checks the chat when nothing is under way.</summary>
    public async Task CheckAsync(V1.Chats.ChatsClient client)
    {
        var turns = new List<(MixedTurn Told, Turn Is)>();
        foreach (var told in _turns)
        {
            turns.Add((told, await client.GetTurnAsync(new GetTurnRequest { Name = Name, TurnId = told.TurnId })));
        }

        Assert.All(turns, turn => Assert.True(turn.Is.State > Turn.Types.State.Running, $"{turn.Is} has not ended."));
        var recorded = turns.Where(turn => turn.Is.Revision > 0).OrderBy(turn => turn.Is.Revision).ToList();
        Assert.Equal(Enumerable.Range(1, recorded.Count).Select(i => (long)i), recorded.Select(turn => turn.Is.Revision));

        // What was pending when an acknowledged ROLLBACK came has left nothing; what an INTERRUPT or a cancellation stopped is not curated.
        foreach (var (told, turn) in turns)
        {
            foreach (var (_, before) in turns.Where(other => other.Told.Number < told.Number && IsPendingAt(other.Is, turn)))
            {
                Assert.True(told.OnBusy is not BusyPolicy.Rollback || before.Revision == 0, $"{before} was rolled back by {turn}.");
            }

            Assert.True(!told.IsCancelled || turn.State is not Turn.Types.State.Cancelled || !turn.Curated, $"{turn} was cancelled.");
        }

        // Turns of earlier chats of the name have other texts.
        var texts = (await ChatChecker.HistoryAsync(client, Name, curated: false)).ConvertAll(content => content.Text);
        Assert.Equal(recorded.ConvertAll(turn => turn.Told.Text), texts.Where((_, i) => i % 2 == 0));
        foreach (var (turn, answer) in recorded.Zip(texts.Where((_, i) => i % 2 == 1)))
        {
            Assert.StartsWith(answer, turn.Told.Text, StringComparison.Ordinal);
            Assert.True(turn.Is.State is not Turn.Types.State.Completed || answer == turn.Told.Text, $"{turn.Is} has the answer '{answer}'.");
        }
    }

    // One server at a time takes their times, with the chat's lock held.
    private static bool IsPendingAt(Turn turn, Turn later) => turn.EndTime > later.CreateTime;

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task SendAsync(BusyPolicy onBusy)
    {
        var request = Scene.Send(Name, $"{chatId}.{_incarnation}.{_requests++}", words: _random.Next(1, 8), pauseMilliseconds: _random.Next(60));
        request.OnBusy = onBusy;
        var turnId = await UntilAnsweredAsync(async client =>
        {
            using var stream = client.SendMessageStream(request, cancellationToken: TimeLimit.Token);
            if ((await stream.ResponseHeadersAsync).GetValue("turn-id") is { } id)
            {
                return id;
            }

            // Rejected: the status says why.
            await stream.ResponseStream.MoveNext(TimeLimit.Token);
            return "";
        });
        if (turnId.Length > 0)
        {
            Acknowledged++;
            _turns.Add(new MixedTurn(_requests, turnId, request.Text, onBusy));
        }
    }

    private async Task CancelAsync(MixedTurn turn)
    {
        await UntilAnsweredAsync(async client =>
            (await client.CancelTurnAsync(new CancelTurnRequest { Name = Name, TurnId = turn.TurnId }, cancellationToken: TimeLimit.Token)).TurnId);
        turn.IsCancelled = true;
    }

    private async Task DeleteAsync()
    {
        var request = new DeleteChatRequest { Name = Name, RequestId = $"delete-{_incarnation}" };
        await UntilAnsweredAsync(async client =>
        {
            await client.DeleteChatAsync(request, cancellationToken: TimeLimit.Token);
            return "";
        });
        Deleted++;
        _incarnation++;
        _turns.Clear();
    }

    private Task<string> CreateAsync() => UntilAnsweredAsync(async client =>
        (await client.CreateChatAsync(
            new CreateChatRequest { ChatId = chatId, Model = Echo.Model, RequestId = $"create-{_incarnation}" }, cancellationToken: TimeLimit.Token)).Name);

    private async Task<string> UntilAnsweredAsync(Func<V1.Chats.ChatsClient, Task<string>> call)
    {
        var limit = TimeLimit.Token;
        while (true)
        {
            try
            {
                return await call((await scene.Current.WaitAsync(limit)).Client);
            }
            catch (RpcException failure) when (Failures.IsPassing(failure) && !limit.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), limit);
            }
        }
    }
}

/// <summary>A turn that was acknowledged.</summary>
internal sealed record MixedTurn(int Number, string TurnId, string Text, BusyPolicy OnBusy)
{
    /// <summary>Whether its cancellation was acknowledged.</summary>
    public bool IsCancelled { get; set; }
}
