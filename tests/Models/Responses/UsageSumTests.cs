using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Models.Tests.Responses;

public sealed class UsageSumTests
{
    [Fact]
    public void Add_TwoUsages_SumsCountsAndModalities()
    {
        var total = new UsageMetadata
        {
            PromptTokenCount = 10,
            TotalTokenCount = 30,
            TrafficType = "old",
            PromptTokensDetails = { Tokens("TEXT", 4), Tokens("IMAGE", 6) },
        };
        var turn = new UsageMetadata
        {
            PromptTokenCount = 1,
            CandidatesTokenCount = 2,
            TotalTokenCount = 3,
            TrafficType = "new",
            PromptTokensDetails = { Tokens("AUDIO", 5), Tokens("TEXT", 1) },
            CacheTokensDetails = { Tokens("TEXT", 9) },
        };
        var (totalBefore, turnBefore) = (total.Clone(), turn.Clone());

        var sum = UsageSum.Add(total, turn);

        Assert.Equal(
            new UsageMetadata
            {
                PromptTokenCount = 11,
                CandidatesTokenCount = 2,
                TotalTokenCount = 33,
                TrafficType = "new",
                PromptTokensDetails = { Tokens("TEXT", 5), Tokens("IMAGE", 6), Tokens("AUDIO", 5) },
                CacheTokensDetails = { Tokens("TEXT", 9) },
            },
            sum);
        Assert.Equal(totalBefore, total);
        Assert.Equal(turnBefore, turn);
    }

    [Fact]
    public void Add_AgainAndAgain_ArgumentsStayAsTheyAre()
    {
        var turn = new UsageMetadata { PromptTokensDetails = { Tokens("TEXT", 1) } };
        var sum = UsageSum.Add(new UsageMetadata(), turn);

        sum = UsageSum.Add(sum, turn);
        sum = UsageSum.Add(sum, turn);

        Assert.Equal(3, sum!.PromptTokensDetails[0].TokenCount);
        Assert.Equal(1, turn.PromptTokensDetails[0].TokenCount);
    }

    [Fact]
    public void Add_BeyondTheLargestNumber_StaysThere()
    {
        var sum = UsageSum.Add(new UsageMetadata { TotalTokenCount = int.MaxValue - 1 }, new UsageMetadata { TotalTokenCount = 5 });

        Assert.Equal(int.MaxValue, sum!.TotalTokenCount);
    }

    [Fact]
    public void Add_ZeroReported_IsNotTheSameAsNothing()
    {
        Assert.True(UsageSum.Add(new UsageMetadata(), new UsageMetadata { ThoughtsTokenCount = 0 })!.HasThoughtsTokenCount);
        Assert.False(UsageSum.Add(new UsageMetadata(), new UsageMetadata())!.HasThoughtsTokenCount);
    }

    [Fact]
    public void Add_OneIsMissing_IsACopyOfTheOther()
    {
        var usage = new UsageMetadata { TotalTokenCount = 1 };

        Assert.Equal(usage, UsageSum.Add(null, usage));
        Assert.Equal(usage, UsageSum.Add(usage, null));
        Assert.NotSame(usage, UsageSum.Add(null, usage));
        Assert.Null(UsageSum.Add(null, null));
    }

    [Fact]
    public void Add_EachCount_IsAdded()
    {
        foreach (var field in UsageMetadata.Descriptor.Fields.InDeclarationOrder().Where(field => field.FieldType is FieldType.Int32))
        {
            var usage = new UsageMetadata();
            field.Accessor.SetValue(usage, 2);

            Assert.Equal(4, field.Accessor.GetValue(UsageSum.Add(usage, usage)!));
        }
    }

    [Fact]
    public void Add_EachModality_IsAdded()
    {
        foreach (var field in UsageMetadata.Descriptor.Fields.InDeclarationOrder().Where(field => field.IsRepeated))
        {
            var usage = new UsageMetadata();
            ((RepeatedField<ModalityTokenCount>)field.Accessor.GetValue(usage)).Add(Tokens("TEXT", 2));

            Assert.Equal([Tokens("TEXT", 4)], (RepeatedField<ModalityTokenCount>)field.Accessor.GetValue(UsageSum.Add(usage, usage)!));
        }
    }

    private static ModalityTokenCount Tokens(string modality, int count) => new() { Modality = modality, TokenCount = count };
}
