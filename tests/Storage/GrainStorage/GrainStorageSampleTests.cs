using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Storage.Records;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Storage.Tests.GrainStorage;

/// <summary>
/// What the store over grain storage wrote in earlier versions is read by this one, and written to the byte so. A sample is never changed: a later version adds its
/// own.
/// </summary>
public sealed class GrainStorageSampleTests
{
    [Fact]
    public void Head_OfVersion1_IsReadAndWritten() => Sample.AssertIs("chat-head.v1", HeadV1(), ChatHead.Parser);

    [Fact]
    public void Head_OfVersion2_IsReadAndWritten() => Sample.AssertIs("chat-head.v2", HeadV2(), ChatHead.Parser);

    [Fact]
    public void Head_OfVersion3_IsReadAndWritten() => Sample.AssertIs("chat-head.v3", HeadV3(), ChatHead.Parser);

    [Fact]
    public void Page_OfVersion3_IsReadAndWritten() => Sample.AssertIs("page.v3", PageV3(), PageRecord.Parser);

    [Fact]
    public void Branch_OfVersion3_IsReadAndWritten() => Sample.AssertIs("branch.v3", BranchV3(), IndexNodeRecord.Parser);

    [Fact]
    public void Forks_OfVersion3_AreReadAndWritten() => Sample.AssertIs("forks.v3", ForksV3(), ForksRecord.Parser);

    [Fact]
    public void ExpiringTenants_OfVersion3_AreReadAndWritten() => Sample.AssertIs("expiring-tenants.v3", ExpiringTenantsV3(), ExpiringTenantsRecord.Parser);

    [Fact]
    public void Stops_OfVersion2_AreReadAndWritten() => Sample.AssertIs("stops.v2", StopsV2(), StopsRecord.Parser);

    [Fact]
    public void Page_OfVersion1_IsReadAndWritten() => Sample.AssertIs("page.v1", PageV1(), PageRecord.Parser);

    [Fact]
    public void Branch_OfVersion1_IsReadAndWritten() => Sample.AssertIs("branch.v1", BranchV1(), IndexNodeRecord.Parser);

    [Fact]
    public void Branch_OfVersion2_IsReadAndWritten() => Sample.AssertIs("branch.v2", BranchV2(), IndexNodeRecord.Parser);

    [Fact]
    public void TenantChats_OfVersion1_AreReadAndWritten() => Sample.AssertIs("tenant-chats.v1", TenantChatsV1(), TenantChats.Parser);

    [Fact]
    public void TenantSegment_OfVersion1_IsReadAndWritten() => Sample.AssertIs("tenant-segment.v1", TenantSegmentV1(), TenantSegment.Parser);

    [Fact]
    public void Beat_OfVersion1_IsReadAndWritten() => Sample.AssertIs("beat.v1", BeatV1(), HeartbeatRecord.Parser);

    [Fact]
    public void Servers_OfVersion1_AreReadAndWritten() => Sample.AssertIs("servers.v1", ServersV1(), ServersRecord.Parser);

    [Fact]
    public void ServerChats_OfVersion1_AreReadAndWritten() => Sample.AssertIs("server-chats.v1", ServerChatsV1(), ServerChatsRecord.Parser);

    [Fact]
    public void UsageDays_OfVersion1_AreReadAndWritten() => Sample.AssertIs("usage-days.v1", UsageDaysV1(), UsageDays.Parser);

    [Fact]
    public void UsageOfDay_OfVersion1_IsReadAndWritten() => Sample.AssertIs("usage-of-day.v1", UsageOfDayV1(), UsageOfDay.Parser);

    [Fact]
    public void Samples_Together_HaveEveryFieldOfTheRecords()
    {
        IMessage[] samples =
        [
            HeadV1(), HeadV2(), StopsV2(), PageV1(), BranchV2(), TenantChatsV1(), TenantSegmentV1(), BeatV1(), ServersV1(), ServerChatsV1(), UsageDaysV1(), UsageOfDayV1(),
            HeadV3(), PageV3(), BranchV3(), ForksV3(), ExpiringTenantsV3(),
        ];
        var records = GrainStorageReflection.Descriptor.MessageTypes.SelectMany(type => type.NestedTypes.Prepend(type));
        foreach (var field in records.SelectMany(type => type.Fields.InDeclarationOrder()).Where(field => !field.ContainingType.GetOptions()?.MapEntry ?? true))
        {
            Assert.True(samples.Any(sample => Sample.Has(sample, field.FullName)), $"No sample has {field.FullName}.");
        }
    }

    private static ChatHead HeadV1() => new()
    {
        Format = 1,
        Commits = 1234,
        LastCommits = { new ChatHead.Types.Commit { Server = "server-b", Number = 1200, Id = 7 }, new ChatHead.Types.Commit { Server = "server-a", Number = 1234, Id = ulong.MaxValue } },
        Writer = "server-a",
        Incarnation = "incarnation-2",
        Chat = ChatV1(),
        Garbage = { new RecordRef { Kind = "payload", Record = "old", Parts = 2 } },
        Deleted = { new ChatHead.Types.Chat { LastSequence = 3 } },
    };

    private static ChatHead HeadV2()
    {
        var head = HeadV1();
        head.Chat.Incarnation = "chat-2";
        head.Chat.Tail[0].Stop = 2;
        head.Deletions.Add(new ChatHead.Types.Deletion { RequestId = "delete", Time = 638_000_000_000_000_006 });
        return head;
    }

    // Trees, forks, erased turns, and expire times.
    private static ChatHead HeadV3()
    {
        var head = HeadV2();
        head.Format = 2;
        head.HasForks = true;
        head.Chat.Tree = new ChatTree
        {
            Branches =
            {
                new ChatTree.Types.Branch { FirstSequence = 300, FirstRevision = 290, ParentSequence = 200, ParentRevision = 198, ParentCount = 190, TurnsBefore = 280 },
            },
            Head = new ChatTree.Types.Head { Sequence = 350, Revision = 340, LastRevision = 399 },
            ForkedFrom = new Chat.Types.ForkPoint { Name = "chats/source", Revision = 100 },
        };
        head.Chat.ExpireTime = 638_000_000_000_000_007;
        head.Chat.BaseSequence = 101;
        head.Chat.Ranges.Add(new ChatHead.Types.Range { First = 1, Last = 350 });
        head.Chat.Ranges.Add(new ChatHead.Types.Range { First = 400, Last = long.MaxValue });
        head.Chat.Origins.Add("source");
        head.Chat.ForkId = "fork-1";
        return head;
    }

    private static StopsRecord StopsV2() => new() { Format = 1, Stops = { new StopsRecord.Types.Stop { TurnId = "turn-402", Stop_ = 2 } } };

    private static ChatHead.Types.Chat ChatV1() => new()
    {
        Version = 3,
        Settings = new ChatSettings { Model = "echo", Labels = { { "team", "a" } }, Ttl = Duration.FromTimeSpan(TimeSpan.FromHours(1)) },
        Config = Inline([1, 2]),
        Revision = 400,
        TurnCount = 401,
        StoredBytes = 123_456,
        TotalUsage = new UsageMetadata { TotalTokenCount = 99 },
        OpenSequence = 400,
        CreateTime = 638_000_000_000_000_001,
        UpdateTime = 638_000_000_000_000_002,
        CreateRequestId = "create",
        CreateRequestHash = ByteString.CopyFrom(9, 8),
        Segment = 5,
        LastSequence = 402,
        Tail = { TurnV1() },
        Levels = { new ChatHead.Types.Level { Refs = { PageRefV1() } }, new ChatHead.Types.Level { Refs = { BranchRefV1() } } },
    };

    private static LogTurn TurnV1() => new()
    {
        Sequence = 402,
        TurnId = "turn-402",
        RequestId = "request-402",
        RequestHash = ByteString.CopyFrom(4, 2),
        State = 2,
        Attempt = 3,
        UsedAttempts = 2,
        Owner = "owner",
        Revision = 400,
        Curated = true,
        CreateTime = 638_000_000_000_000_003,
        StartTime = 638_000_000_000_000_004,
        EndTime = 638_000_000_000_000_005,
        Input = Inline([0, 255]),
        Outcome = new Payload { Record = "outcome", Parts = 3, Size = 600_000 },
        Progress = { new Payload { Record = "step-0", Parts = 1, Size = 10 } },
    };

    private static LogRef PageRefV1() => new() { Record = "page", FirstSequence = 300, Turns = 64, Recorded = 60, Hashes = { 1, ulong.MaxValue } };

    private static LogRef BranchRefV1() => new() { Record = "branch", FirstSequence = 1, Turns = 299, Recorded = 290 };

    private static PageRecord PageV1() => new() { Format = 1, Turns = { TurnV1() } };

    private static IndexNodeRecord BranchV1() => new() { Format = 1, Refs = { PageRefV1(), PageRefV1() } };

    // Branches say how many of their turns are curated.
    private static IndexNodeRecord BranchV2()
    {
        var branch = BranchV1();
        foreach (var child in branch.Refs)
        {
            child.Curated = 50;
        }

        return branch;
    }

    // Records of other chats, and erased turns.
    private static PageRecord PageV3()
    {
        var page = PageV1();
        page.Turns[0].Outcome.Chat = "source";
        page.Turns.Add(new LogTurn { Sequence = 404, TurnId = "turn-404", RequestId = "request-404", State = 3, Revision = 401, Erased = true });
        return page;
    }

    private static IndexNodeRecord BranchV3()
    {
        var branch = BranchV2();
        branch.Refs[0].Chat = "source";
        branch.Refs[1].LastSequence = 450;
        return branch;
    }

    private static ForksRecord ForksV3() => new() { Format = 2, Forks = { new ForksRecord.Types.Fork { ChatId = "fork", Id = "fork-1", Commits = 7 } } };

    private static ExpiringTenantsRecord ExpiringTenantsV3() => new()
    {
        Format = 2,
        Tenants = { new ExpiringTenantsRecord.Types.Tenant { Id = "default", SweepTime = 638_000_000_000_000_008 } },
    };

    private static TenantChats TenantChatsV1() => new()
    {
        Format = 1,
        Chats = 12,
        Segments = { new TenantChats.Types.Segment { Number = 5, Chats = 12 } },
        Doubts = { new TenantChats.Types.Doubt { ChatId = "chat", Incarnation = "incarnation-2", Segment = 5, Server = "server-a", Id = "doubt" } },
    };

    private static TenantSegment TenantSegmentV1() => new()
    {
        Format = 1,
        Entries = { new TenantSegment.Types.Entry { ChatId = "chat", Incarnation = "incarnation-2" } },
    };

    private static HeartbeatRecord BeatV1() => new() { Beat = 77, Lifetime = TimeSpan.TicksPerSecond };

    private static ServersRecord ServersV1() => new()
    {
        Format = 1,
        Servers = { new ServersRecord.Types.Server { Id = "server-a", Shards = 16, Owners = { "owner" } } },
    };

    private static ServerChatsRecord ServerChatsV1() => new()
    {
        Format = 1,
        Writes = 5,
        Entries = { new ServerChatsRecord.Types.Entry { Tenant = "default", ChatId = "chat", CreateTime = 638_000_000_000_000_003 } },
    };

    private static UsageDays UsageDaysV1() => new() { Format = 1, Days = { new UsageDays.Types.Day { Number = 739_000, Owners = { "owner" } } } };

    private static UsageOfDay UsageOfDayV1() => new() { Format = 1, Tokens = { { "default", 12_345 } } };

    private static Payload Inline(byte[] data) => new() { Data = ByteString.CopyFrom(data), Size = data.Length };
}
