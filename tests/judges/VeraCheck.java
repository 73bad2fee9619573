import java.io.FileInputStream;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Asks the veraPDF engine about each file; one line each, tab separated: file, compliant, checks made, failed rules. */
public class VeraCheck {
    public static void main(String[] args) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        PDFAFlavour flavour = PDFAFlavour.byFlavourId(args[0]);
        for (int i = 1; i < args.length; i++) {
            try (FileInputStream file = new FileInputStream(args[i]);
                    PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour)) {
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false);
                ValidationResult result = validator.validate(parser);
                System.out.printf("%s\t%s\t%d\t%s%n", args[i], result.isCompliant(), result.getTotalAssertions(), failed(result));
            } catch (Exception error) {
                System.out.printf("%s\tfalse\t0\t%s%n", args[i], error);
            }
        }
    }

    private static String failed(ValidationResult result) {
        Map<String, Integer> rules = new TreeMap<>();
        for (TestAssertion check : result.getTestAssertions()) {
            if (check.getStatus() == TestAssertion.Status.FAILED) {
                rules.merge(check.getRuleId().getClause() + "-" + check.getRuleId().getTestNumber(), 1, Integer::sum);
            }
        }
        return String.join(" ", rules.keySet());
    }
}
