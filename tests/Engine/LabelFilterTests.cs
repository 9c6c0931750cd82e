using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Lists;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests;

public sealed class LabelFilterTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("   ", "")]
    [InlineData("labels.a = \"b\"", "a=b")]
    [InlineData("labels.a=\"b\"", "a=b")]
    [InlineData("  labels.a  =  \"b\"  ", "a=b")]
    [InlineData("labels.a = \"\"", "a=")]
    [InlineData("labels.a.b-c = \"d\"", "a.b-c=d")]
    [InlineData("labels.a = \"b\" AND labels.c = \"d\"", "a=b;c=d")]
    [InlineData("labels.a = \"b\" AND   labels.c = \"d\" AND labels.a = \"e\"", "a=b;c=d;a=e")]
    [InlineData("labels.a = \" AND = \"", "a= AND = ")]
    [InlineData("""labels.a = "say \"b\" \\ c" """, """a=say "b" \ c""")]
    [InlineData("labels.über = \"\ud83d\ude00\"", "über=\ud83d\ude00")]
    public void Parse_Filter_GivesItsLabels(string filter, string labels) =>
        Assert.Equal(labels, string.Join(';', LabelFilter.Parse(filter).Select(l => $"{l.Key}={l.Value}")));

    [Theory]
    [InlineData("a = \"b\"", 1)]
    [InlineData("labels = \"b\"", 1)]
    [InlineData("labels. = \"b\"", 8)]
    [InlineData("labels.a", 9)]
    [InlineData("labels.a != \"b\"", 9 + 1)]
    [InlineData("labels.a = b", 12)]
    [InlineData("labels.a = \"b", 14)]
    [InlineData("labels.a = \"b\\", 15)]
    [InlineData("labels.a = \"b\" OR labels.c = \"d\"", 16)]
    [InlineData("labels.a = \"b\" AND", 16)]
    [InlineData("labels.a = \"b\" AND ", 20)]
    [InlineData("labels.a = \"b\" labels.c = \"d\"", 16)]
    public void Parse_NoFilter_SaysWhere(string filter, int character)
    {
        var failure = Assert.Throws<ChatException>(() => LabelFilter.Parse(filter));

        Assert.Equal((Code.InvalidArgument, "INVALID_FILTER", "filter"), (failure.Code, failure.Reason, failure.Field));
        Assert.Contains($"at character {character}. ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_MoreThanAFilterMayHave_IsRefused()
    {
        var terms = Enumerable.Repeat("labels.a = \"b\"", 65).ToList();
        Assert.Equal(64, LabelFilter.Parse(string.Join(" AND ", terms.Take(64))).Count);
        Assert.Single(LabelFilter.Parse(Sized(8192)));

        var terms65 = Assert.Throws<ChatException>(() => LabelFilter.Parse(string.Join(" AND ", terms)));
        var bytes8193 = Assert.Throws<ChatException>(() => LabelFilter.Parse(Sized(8193)));

        Assert.Equal((Code.InvalidArgument, "INVALID_FILTER", "filter"), (terms65.Code, terms65.Reason, terms65.Field));
        Assert.Equal("filter must have at most 64 labels.", terms65.Message);
        Assert.Equal("filter must have at most 8192 bytes.", bytes8193.Message);

        static string Sized(int bytes)
        {
            const string Rest = "labels.a = \"ü\"";
            return Rest + new string(' ', bytes - Rest.Length - 1);
        }
    }
}
