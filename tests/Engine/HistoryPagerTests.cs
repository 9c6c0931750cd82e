using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Tests;

public sealed class HistoryPagerTests
{
    private const int MaxReplyBytes = 4 * 1024 * 1024;
    private static readonly DateTimeOffset Time = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly InMemoryChatStore _store = new(TimeProvider.System);
    private readonly ChatKey _key = new("default", "chat");
    private readonly List<Content> _all = [];
    private readonly List<Content> _curated = [];
    private long _sequence;
    private long _revision;

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(7, false)]
    [InlineData(1000, true)]
    public async Task ReadAsync_PageAfterPage_GivesTheHistoryOnce(int pageSize, bool curated)
    {
        await CreateAsync("umxummxu");
        await AddAsync(curated: true, "a");
        await AddAsync(curated: false, "b");
        await AddUnrecordedAsync();
        await AddAsync(curated: true, "c", "d", "e");

        var pages = await ReadAllAsync(pageSize, curated);

        Assert.Equal(curated ? _curated : _all, pages.SelectMany(p => p.History));
        Assert.All(pages, p => Assert.Equal(3, p.Revision));
        Assert.All(pages.SkipLast(1), p => Assert.Equal(pageSize, p.History.Count));
        Assert.Equal(pageSize == 0, pages.Count == 1 && pageSize != 1000);
    }

    [Fact]
    public async Task ReadAsync_MoreTurnsThanOneRead_GivesAll()
    {
        await CreateAsync("");
        for (var i = 0; i < 450; i++)
        {
            await AddAsync(curated: i % 3 > 0, $"answer {i}");
        }

        var page = Assert.Single(await ReadAllAsync(pageSize: 0, curated: false));

        Assert.Equal(_all, page.History);
        Assert.Equal(_curated, (await ReadAllAsync(pageSize: 7, curated: true)).SelectMany(p => p.History));
    }

    [Fact]
    public async Task ReadAsync_ContentsLargerThanAReply_ComeAloneAndTheOthersFit()
    {
        await CreateAsync("");
        await AddAsync(curated: true, new string('x', MaxReplyBytes + 1));
        await AddAsync(curated: true, new string('y', MaxReplyBytes / 2), new string('z', MaxReplyBytes / 2));

        var pages = await ReadAllAsync(pageSize: 0, curated: false);

        Assert.Equal(_all, pages.SelectMany(p => p.History));
        Assert.All(pages, p => Assert.True(p.History.Count == 1 || p.CalculateSize() < MaxReplyBytes));
        Assert.True(pages.Count > 2);
    }

    [Fact]
    public async Task ReadAsync_InitialHistoryInManyPieces_GivesAllInOrder()
    {
        await CreateAsync(string.Concat(Enumerable.Repeat("ummxum", 100)));

        Assert.Equal(_all, Assert.Single(await ReadAllAsync(pageSize: 0, curated: false)).History);
        Assert.Equal(_curated, (await ReadAllAsync(pageSize: 64, curated: true)).SelectMany(p => p.History));
    }

    [Fact]
    public async Task ReadAsync_TurnsAddedBetweenPages_AreInTheLaterOnes()
    {
        await CreateAsync("");
        await AddAsync(curated: true, "a");
        var first = await ReadAsync(pageSize: 1, curated: false, "");

        await AddAsync(curated: true, "b");
        var rest = await ReadAsync(pageSize: 0, curated: false, first.NextPageToken);

        Assert.Equal(_all, first.History.Concat(rest.History));
        Assert.Equal((1, 2), (first.Revision, rest.Revision));
    }

    [Fact]
    public async Task ReadAsync_NoSuchChat_IsNull() =>
        Assert.Null(await new HistoryPager(_key, _store, null, new GetHistoryRequest()).ReadAsync(CancellationToken.None));

    private async Task<List<GetHistoryResponse>> ReadAllAsync(int pageSize, bool curated)
    {
        var pages = new List<GetHistoryResponse>();
        do
        {
            pages.Add(await ReadAsync(pageSize, curated, pages.Count > 0 ? pages[^1].NextPageToken : ""));
        }
        while (pages[^1].NextPageToken.Length > 0);

        return pages;
    }

    private async Task<GetHistoryResponse> ReadAsync(int pageSize, bool curated, string token)
    {
        var request = new GetHistoryRequest { PageSize = pageSize, Curated = curated, PageToken = token };
        return (await new HistoryPager(_key, _store, null, request).ReadAsync(CancellationToken.None))!;
    }

    // u: a user's content, m: the model's, x: an empty one of the model.
    private async Task CreateAsync(string kinds)
    {
        var contents = kinds.Select((kind, i) => kind switch
        {
            'x' => Messages.Empty("model"),
            'u' => Messages.User($"u{i}"),
            _ => Messages.Model($"m{i}"),
        }).ToList();
        var pieces = InitialHistory.Split(contents, Time);
        _all.AddRange(contents);
        var left = Curation.Uncurated(contents, out _);
        _curated.AddRange(contents.Where((_, i) => !left.Contains(i)));
        _sequence = pieces.Count;
        var chat = new ChatRecord { Key = _key, Settings = new ChatSettings(), CreateTime = Time, UpdateTime = Time };
        Assert.Equal(StepResult.Applied, await _store.ApplyAsync(_key, new CreateStep(chat, pieces, MaxChats: 10)));
    }

    private async Task AddAsync(bool curated, params string[] answers)
    {
        var turn = NewTurn(TurnState.Completed) with { Revision = ++_revision, Curated = curated };
        turn.Outcome!.Contents.Add(answers.Select(Messages.Model));
        List<Content> contents = [turn.Input.Message, .. turn.Outcome.Contents];
        _all.AddRange(contents);
        _curated.AddRange(curated ? contents : []);
        var head = new HeadChange(_revision - 1, Recorded: true, 0, null, Time);
        Assert.Equal(StepResult.Applied, await _store.ApplyAsync(_key, new AcceptStep { Turn = turn, Version = 1, Head = head }));
    }

    private async Task AddUnrecordedAsync() =>
        Assert.Equal(StepResult.Applied, await _store.ApplyAsync(_key, new AcceptStep { Turn = NewTurn(TurnState.Failed), Version = 1 }));

    private TurnRecord NewTurn(TurnState state) => new()
    {
        Sequence = ++_sequence,
        TurnId = $"t{_sequence}",
        RequestId = $"r{_sequence}",
        State = state,
        CreateTime = Time,
        Input = new TurnInput { Message = Messages.User($"question {_sequence}") },
        Outcome = new TurnOutcome(),
    };
}
